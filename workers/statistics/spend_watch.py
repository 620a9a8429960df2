"""Watches the spend of an organization: one rise for each cause, and the budgets that are or will be exceeded. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Mask, Real
from workers.statistics.forecasts import Crossing, crossing, forecast
from workers.statistics.leading_causes import Candidate, cell_sums, rank_causes
from workers.statistics.spikes import Spike, find_spikes, limit_of, step_gain

# A rise is news for so many days, as days are settled late and workers may be away; it explains others for longer.
NEWS_DAYS = 7
EXPLAINING_DAYS = 28
# A rise explains another that began in the same days, if so much of the other is in what it names.
SAME_DAYS = 7
EXPLAINED_SHARE = 0.5
# Series with a smaller share of all spend are not watched by themselves, nor are teams with so much less than others.
LEAST_SHARE = 0.02
LEAST_OF_MEAN = 0.2
# Chance raises a team's alarm less than once a year. All other series together may add so many times as many.
OTHER_ALARMS = 0.35
EVERYTHING = Candidate("organization", "")
# Of series that rose alike, the first is named.
DIMENSIONS = (EVERYTHING.dimension, "team", "model", "prompt", "workflow")
# Shares of a budget at which it is said how much was spent.
BURNT = (50, 80, 100)
QUARTER = 3


class KnownChange(NamedTuple):
    """A change that begins a model or prompt version on a day, in a team or in all of them."""

    candidate: Candidate
    day: int
    team: str | None


class Rise(NamedTuple):
    """A rise of a series, and what made it, if anything stands out."""

    subject: Candidate
    spike: Spike
    cause: Candidate | None


class Outlook(NamedTuple):
    """What is spent of a period on its last known day and expected at its end; days count from the day after."""

    spent: int
    likely: int
    low: int
    high: int
    model: str
    crossing: Crossing | None


def find_rises(spend: Real, labels: Sequence[Mapping[str, str]], changes: Sequence[KnownChange] = ()) -> list[Rise]:
    """Return rises that are news on the last day, one for each cause: the series in which it is plainest.

    `spend` (cells, days) is the spend of each combination of the labels, dimension -> value. A change of a model or
    prompt version that explains a rise nearly as well as anything is its cause.
    """
    members = watched_series(spend, labels)
    if not members:
        return []
    found = find_spikes(np.stack([spend[inside].sum(axis=0) for inside in members.values()]), watch_limits(members))
    rises = [
        Rise(subject, spikes[-1], cause_of(spend, labels, inside, spikes[-1], changes))
        for (subject, inside), spikes in zip(members.items(), found, strict=True)
        if spikes and spikes[-1].found >= spend.shape[1] - EXPLAINING_DAYS
    ]
    return [each for each in plainest(spend, labels, rises) if each.spike.found >= spend.shape[1] - NEWS_DAYS]


def look_ahead(spend: Real, spent: int, days: int, budget: int | None) -> Outlook | None:
    """Return the outlook of a period with so many days to come; None with a short history."""
    if days == 0:
        return Outlook(spent, spent, spent, spent, "known", None)
    found = forecast(spend, days)
    if found is None:
        return None
    likely, low, high = (round(each) + spent for each in (found.total, found.low, found.high))
    return Outlook(spent, likely, low, high, found.model, None if budget is None else crossing(found, spent, budget))


def burnt(spent: int, budget: int) -> list[int]:
    """Return the shares of BURNT that were spent of a budget, in percent."""
    return [percent for percent in BURNT if 100 * spent >= percent * budget]


def period_days(period: str, day: date) -> tuple[date, date]:
    """Return the first and last day of the `month` or `quarter` of a day."""
    first_month = day.month if period == "month" else (day.month - 1) // QUARTER * QUARTER + 1
    last_month = day.month if period == "month" else first_month + QUARTER - 1
    return date(day.year, first_month, 1), date(day.year, last_month, monthrange(day.year, last_month)[1])


def day_of(last_known: date, place: int | None) -> date | None:
    """Return the day that is so many days after the first day to come."""
    return None if place is None else last_known + timedelta(days=place + 1)


def watch_limits(series: Iterable[Candidate]) -> Real:
    """Return the factor of each series' limits (see `limit_of`), so that many series raise no more false alarms."""
    dimensions = [each.dimension for each in series]
    teams = dimensions.count("team")
    # Without teams, the organization is one.
    main = "team" if teams else EVERYTHING.dimension
    others = sum(each != main for each in dimensions)
    other = limit_of(others / (OTHER_ALARMS * max(1, teams)))
    return np.array([1.0 if each == main else other for each in dimensions])


def watched_series(spend: Real, labels: Sequence[Mapping[str, str]]) -> dict[Candidate, Mask]:
    """Return which cells belong to each series; one that is everything is watched once."""
    sums = spend.sum(axis=1)
    whole = float(sums.sum())
    if not whole:
        return {}
    members = {EVERYTHING: np.ones(len(labels), dtype=bool)}
    for dimension in DIMENSIONS[1:]:
        values = np.array([each.get(dimension, "") for each in labels], dtype=str)
        names = [str(value) for value in np.unique(values) if value]
        least = min(LEAST_SHARE, LEAST_OF_MEAN / max(1, len(names))) if dimension == "team" else LEAST_SHARE
        for name in names:
            inside = values == name
            if not inside.all() and sums[inside].sum() >= least * whole:
                members[Candidate(dimension, name)] = inside
    return members


def cause_of(
    spend: Real,
    labels: Sequence[Mapping[str, str]],
    inside: Mask,
    spike: Spike,
    changes: Sequence[KnownChange] = (),
) -> Candidate | None:
    """Return what made a series rise; None if all of it rose alike."""
    whole = dict([EVERYTHING])
    within = [
        whole | {name: value for name, value in each.items() if value}
        for each, is_inside in zip(labels, inside, strict=True)
        if is_inside
    ]
    known = [(each.candidate, each.day) for each in changes if _is_of_team(spend[inside], within, spike, each)]
    causes = rank_causes(spend[inside], within, spike, known)
    return causes[0].candidate if causes and causes[0].candidate != EVERYTHING else None


def _is_of_team(spend: Real, labels: Sequence[Mapping[str, str]], spike: Spike, change: KnownChange) -> bool:
    """Return whether what changed rose in the team that changed it, more than in all others together."""
    if change.team is None:
        return True
    expected, spent = cell_sums(spend, spike)
    excess = (spent - expected) * _inside(labels, change.candidate)
    return bool(excess[_inside(labels, Candidate("team", change.team))].sum() > 0.5 * excess.sum())


def plainest(spend: Real, labels: Sequence[Mapping[str, str]], rises: Sequence[Rise]) -> list[Rise]:
    """Return one of all rises that have a subject or cause in common: the plainest, or that of everything alike."""
    kept: list[Rise] = []
    for rise in sorted(rises, key=lambda each: (-_gain(each), DIMENSIONS.index(each.subject.dimension))):
        if not any(_explains(spend, labels, each, rise) for each in kept):
            kept.append(rise)
    return kept


def _explains(spend: Real, labels: Sequence[Mapping[str, str]], kept: Rise, rise: Rise) -> bool:
    """Return whether a kept rise names what another one names, or what most of the other is made of."""
    if _named(kept) & _named(rise):
        return True
    if abs(kept.spike.began - rise.spike.began) > SAME_DAYS:
        return False
    inside = _inside(labels, rise.subject)
    expected, spent = cell_sums(spend[inside], rise.spike)
    excess = spent - expected
    return any(excess[_inside(labels, each)[inside]].sum() >= EXPLAINED_SHARE * excess.sum() for each in _named(kept))


def _named(rise: Rise) -> set[Candidate]:
    """Return the subject and cause; everything is named only if it rose alike."""
    return {rise.subject, rise.cause or rise.subject} - ({EVERYTHING} if rise.cause else set())


def _inside(labels: Sequence[Mapping[str, str]], candidate: Candidate) -> Mask:
    if candidate == EVERYTHING:
        return np.ones(len(labels), dtype=bool)
    return np.array([each.get(candidate.dimension) == candidate.value for each in labels], dtype=bool)


def _gain(rise: Rise) -> float:
    return float(step_gain(np.array(rise.spike.spent), np.array(rise.spike.expected)))
