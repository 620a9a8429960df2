"""Shares that shift and requests that grow, as alerts: what a sum of spend hides."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from vocabulary.tokens import TOKEN_KINDS
from workers.alert_rules.alert import WHOLE_ORGANIZATION, Alert, Kind
from workers.alert_rules.use import COST, INPUTS, LINKED, OUTPUTS, REQUESTS, Change, DailyUse
from workers.alert_rules.words import candidate_of, change_sentence, day_text, link, percent, subject_name, subject_text
from workers.statistics.arrays import Mask, Real
from workers.statistics.drift import (
    Shift,
    cache_share_falls,
    input_grows,
    linked_share_falls,
    reasoning_rises,
)
from workers.statistics.leading_causes import Candidate
from workers.statistics.spend_watch import EVERYTHING
from workers.statistics.usual_days import WEEK

# A week with fewer requests says little about a share.
LEAST_REQUESTS = 100
# Pull requests are opened, and tokens linked to them, days after the work.
LINKING_DAYS = 4
# A change explains a shift of the last week if it came at most so many days before that week.
CHANGE_DAYS = 7
# A new model or prompt with a smaller part of the requests explains no shift.
LEAST_USE = 0.1


@dataclass(frozen=True, slots=True)
class Rule:
    """A share of some amounts in others that is watched for each team; its newest days are left out for `lag`."""

    kind: Kind
    find: Callable[[Real, Real], Shift | None]
    part: Sequence[str]
    whole: Sequence[str]
    sentence: str
    lag: int = 0


SHARES = (
    Rule(
        Kind.REASONING_SHARE,
        reasoning_rises,
        ("output_reasoning",),
        OUTPUTS,
        "Reasoning rose from {before} to {after} of the output tokens of {subject} in the week to {day}.",
    ),
    Rule(
        Kind.CACHE_SHARE,
        cache_share_falls,
        ("cache_read",),
        INPUTS,
        "The cache share of {subject} fell from {before} to {after} of input tokens in the week to {day}.",
    ),
    Rule(
        Kind.LINKED_SHARE,
        linked_share_falls,
        (LINKED,),
        TOKEN_KINDS,
        "The share of tokens of {subject} that are linked to pull requests fell from {before} to {after} in the week "
        "to {day}.",
        LINKING_DAYS,
    ),
)
GROWTH = Rule(
    Kind.INPUT_GROWTH,
    input_grows,
    INPUTS,
    (REQUESTS,),
    "Requests with {subject} grew from {before} to {after} input tokens without a new version.",
)


def find_shifts(use: DailyUse, changes: Sequence[Change]) -> Iterator[Alert]:
    """Yield an alert for each team whose share shifted, or one for the organization if several teams' did."""
    teams = {Candidate("team", name): inside for name, inside in use.groups("team").items()}
    everything = use.inside(*EVERYTHING)
    for rule in SHARES:
        shifted = {subject: shift for subject, inside in teams.items() if (shift := _shift(rule, use, inside))}
        whole = _shift(rule, use, everything) if len(shifted) != 1 else None
        for subject, shift in {EVERYTHING: whole}.items() if whole else shifted.items():
            of_teams = {each.value for each in shifted if subject in {each, EVERYTHING}}
            near = [each for each in changes if each.team is None or each.team in of_teams]
            yield _alert(rule, use, subject, shift, near)


def find_growth(use: DailyUse) -> Iterator[Alert]:
    """Yield an alert for each prompt version whose requests grew."""
    for name, inside in use.groups("prompt").items():
        subject = Candidate("prompt", name)
        if shift := _shift(GROWTH, use, inside):
            # It has no new version, so that no change explains it.
            yield _alert(GROWTH, use, subject, shift, [])


def _shift(rule: Rule, use: DailyUse, inside: Mask) -> Shift | None:
    end = use.days - rule.lag
    weeks = end // WEEK
    requests = use.total((REQUESTS,), inside)[end - weeks * WEEK : end].reshape(weeks, WEEK).sum(axis=1)
    # Quiet weeks are left out, and say nothing if the newest is one.
    counted = np.repeat(requests >= LEAST_REQUESTS, WEEK)
    if not weeks or not counted[-1]:
        return None
    part, whole = (
        np.where(counted, use.total(names, inside)[end - weeks * WEEK : end], 0) for names in (rule.part, rule.whole)
    )
    return rule.find(part, whole)


def _alert(rule: Rule, use: DailyUse, subject: Candidate, shift: Shift, changes: Sequence[Change]) -> Alert:
    last = use.last_day - timedelta(days=rule.lag)
    first = last - timedelta(days=WEEK - 1)
    cost = use.total((COST,), use.inside(*subject))[: use.days - rule.lag]
    weeks = len(cost) // WEEK
    weekly = cost[len(cost) - weeks * WEEK :].reshape(weeks, WEEK).sum(axis=1)
    change = _near_change(changes, use, subject, first)
    words = {**_numbers(rule, shift), "subject": subject_text(subject_name(subject)), "day": day_text(last)}
    named = candidate_of(change) if change else None
    return Alert(
        kind=rule.kind,
        subject=subject_name(subject),
        team_id=use.team_ids[subject.value] if subject.dimension == "team" else WHOLE_ORGANIZATION,
        began_on=first,
        found_on=use.last_day,
        usual_nano_usd=round(float(np.median(weekly[:-1]))),
        spent_nano_usd=round(float(weekly[-1])),
        cause=subject_name(named) if named and named != subject else None,
        before=shift.before,
        after=shift.after,
        sentence=" ".join([rule.sentence.format(**words), *([change_sentence(change)] if change else [])]),
        link=link(subject, first, last),
    )


def _numbers(rule: Rule, shift: Shift) -> Mapping[str, str]:
    shown = (lambda value: f"{value:,.0f}") if rule.kind is Kind.INPUT_GROWTH else percent
    return {"before": shown(shift.before), "after": shown(shift.after)}


def _near_change(changes: Sequence[Change], use: DailyUse, subject: Candidate, first: date) -> Change | None:
    """Return the change that came last before the end of the week that begins on a day, and is used since."""
    near = [
        each
        for each in changes
        if -CHANGE_DAYS <= (each.day - first).days < WEEK and _is_used(use, use.inside(*subject), each)
    ]
    # A new model changes shares more often than anything else.
    return max(near, key=lambda each: (each.kind == "model", each.kind == "prompt_template", each.day), default=None)


def _is_used(use: DailyUse, inside: Mask, change: Change) -> bool:
    """Return whether a new model or prompt has a part of the newest requests; other changes are always used."""
    candidate = candidate_of(change)
    if candidate is None:
        return True
    all_requests, its = (
        use.total((REQUESTS,), cells)[-WEEK:].sum() for cells in (inside, inside & use.inside(*candidate))
    )
    return bool(its >= LEAST_USE * all_requests)
