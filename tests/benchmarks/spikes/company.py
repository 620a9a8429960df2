"""False alarms of all series that a company watches together, when nothing changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from tests.benchmarks.spikes.alerts import FIRST_DAY, as_alert, as_known
from tests.benchmarks.spikes.causes import LABELS, TEAMS, company
from tests.benchmarks.spikes.measure import YEAR
from tests.benchmarks.spikes.simulated import WORLDS, Real, costs
from workers.alert_rules.alert import KnownAlert, sort_out
from workers.statistics import spikes
from workers.statistics.spend_watch import (
    EXPLAINING_DAYS,
    NEWS_DAYS,
    Rise,
    cause_of,
    plainest,
    watch_limits,
    watched_series,
)


@dataclass(frozen=True, slots=True)
class CompanyAlarms:
    """Alerts of companies in a year without a change, for each of their teams; `series` are watched on average."""

    series: float
    each_team_year: float


def measure_company(seeds: Sequence[int]) -> CompanyAlarms:
    """Watch companies without a change for a year, day by day."""
    counts = np.array([_watch(seed) for seed in seeds])
    return CompanyAlarms(float(counts[:, 0].mean()), float(counts[:, 1].mean()) / TEAMS)


def _watch(seed: int) -> tuple[int, int]:
    """Return the number of series and of alerts."""
    random = np.random.default_rng(seed)
    cells, _ = company(random, spikes.FIRST_DAY + YEAR)
    spend = costs(random, WORLDS["usual"], cells)
    members = watched_series(spend, LABELS)
    series = np.stack([spend[inside].sum(axis=0) for inside in members.values()])
    found = spikes.find_spikes(series, watch_limits(members))
    rises = [
        Rise(subject, spike, cause_of(spend[:, : spike.found + 1], LABELS, inside, spike))
        for (subject, inside), several in zip(members.items(), found, strict=True)
        for spike in several
    ]
    return len(members), _alerts(spend, rises)


def _alerts(spend: Real, rises: Sequence[Rise]) -> int:
    """Return how many alerts are raised, as workers do on each day."""
    known: list[KnownAlert] = []
    for place in range(spend.shape[1]):
        recent = [each for each in rises if place - EXPLAINING_DAYS < each.spike.found <= place]
        if not any(each.spike.found > place - NEWS_DAYS for each in recent):
            continue
        day = FIRST_DAY + timedelta(days=place)
        plain = plainest(spend[:, : place + 1], LABELS, recent)
        alerts = [as_alert(each) for each in plain if each.spike.found > place - NEWS_DAYS]
        news, holding = sort_out(alerts, known)
        known = [replace(each, seen_on=day) if each.alert_id in holding else each for each in known]
        known += [as_known(each, len(known) + number, day) for number, each in enumerate(news)]
    return len(known)
