"""Rises of spend as alerts, each with the change or the cause that made it and its parts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from workers.alert_rules.alert import WHOLE_ORGANIZATION, Alert, Kind
from workers.alert_rules.explained import Sold, explain
from workers.alert_rules.use import Change, DailyUse
from workers.alert_rules.words import (
    candidate_of,
    causes_sentence,
    change_sentence,
    link,
    rise_sentence,
    subject_name,
)
from workers.statistics.leading_causes import CHANGE_DAYS, Candidate
from workers.statistics.spend_watch import KnownChange, Rise


class Found(NamedTuple):
    """A rise, and the columns of `DailyUse` in which it began and was found."""

    rise: Rise
    began: int
    found: int


def known_changes(changes: Iterable[Change], use: DailyUse, days: int) -> list[KnownChange]:
    """Return the changes that begin a model or a prompt version, by their place among `days` columns of spend."""
    earlier = days - use.days
    found = ((candidate_of(each), each) for each in changes)
    return [KnownChange(candidate, use.place(each.day) + earlier, each.team) for candidate, each in found if candidate]


def rise_alert(use: DailyUse, found: Found, changes: Sequence[Change], prices: Mapping[Sold, Sequence[float]]) -> Alert:
    """Return the alert of a rise."""
    subject, cause = found.rise.subject, found.rise.cause
    began, last = use.day(found.began), use.day(found.found)
    parts = explain(
        use,
        use.inside(*subject),
        (found.began, found.found),
        round(found.rise.spike.expected),
        prices,
    )
    change = near_change(changes, use, found, cause)
    named = candidate_of(change) if change else None
    said = [rise_sentence(subject_name(subject), began, parts.usual_nano_usd, parts.spent_nano_usd)]
    said += [change_sentence(change)] if change else []
    said += [f"Most of the rise is {subject_name(cause)}."] if cause and cause not in {subject, named} else []
    said.append(causes_sentence(parts.causes, parts.moved))
    return Alert(
        kind=Kind.RISE,
        subject=subject_name(subject),
        team_id=use.team_ids[subject.value] if subject.dimension == "team" else WHOLE_ORGANIZATION,
        began_on=began,
        found_on=last,
        usual_nano_usd=parts.usual_nano_usd,
        spent_nano_usd=parts.spent_nano_usd,
        cause=subject_name(cause) if cause and cause != subject else None,
        causes=parts.causes,
        sentence=" ".join(filter(None, said)),
        link=link(subject, began, last),
    )


def near_change(changes: Iterable[Change], use: DailyUse, found: Found, cause: Candidate | None) -> Change | None:
    """Return the change that explains a rise: that of its cause, or else the nearest of other kinds."""
    subject, began = found.rise.subject, use.day(found.began)
    team = next((each.value for each in (subject, cause) if each and each.dimension == "team"), None)
    near = [
        (abs((each.day - began).days), each)
        for each in changes
        if abs((each.day - began).days) <= CHANGE_DAYS and (team is None or each.team in {None, team})
    ]
    of_cause = [each for each in near if candidate_of(each[1]) in {subject, cause} - {None}]
    # A change of one team says nothing of the others.
    others = [each for each in near if candidate_of(each[1]) is None and each[1].team in {None, team}]
    return min(of_cause or others, default=(0, None), key=lambda each: each[0])[1]
