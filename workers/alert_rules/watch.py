"""All rules at once: from what is known of an organization to its alerts and forecasts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from workers.alert_rules.alert import Alert
from workers.alert_rules.budgets import Budget, BudgetKey
from workers.alert_rules.explained import Sold
from workers.alert_rules.outlooks import DailySpend, Forecast, watch_budgets
from workers.alert_rules.policies import Bought, Policies, find_unsanctioned
from workers.alert_rules.rises import Found, known_changes, rise_alert
from workers.alert_rules.shifts import find_growth, find_shifts
from workers.alert_rules.silence import find_silence
from workers.alert_rules.use import Change, DailyUse
from workers.statistics.arrays import Real
from workers.statistics.spend_watch import find_rises


@dataclass(frozen=True, slots=True)
class Watched:
    """What the rules read. `until` is the last full day, which may be later than the last day with spend."""

    until: date
    teams: Mapping[int, str]
    spend: DailySpend
    use: DailyUse
    changes: Sequence[Change]
    prices: Mapping[Sold, Sequence[float]]
    policies: Policies
    bought: Sequence[Bought]
    received: Mapping[int, Real]
    budgets: Mapping[BudgetKey, Budget]


def watch(watched: Watched) -> tuple[list[Alert], list[Forecast]]:
    """Return all alerts, of which those with a common cause stand in the order of their worth, and all forecasts."""
    of_budgets, forecasts = watch_budgets(watched.spend, watched.budgets, watched.teams)
    alerts = [
        *of_budgets,
        *find_unsanctioned(watched.bought, watched.policies, watched.use.last_day, watched.teams),
        *find_silence(watched.received, watched.until, watched.teams),
        *_rises(watched),
        *find_growth(watched.use),
        *find_shifts(watched.use, watched.changes),
    ]
    return alerts, forecasts


def _rises(watched: Watched) -> Iterator[Alert]:
    days = watched.spend.spend.shape[1]
    earlier = days - watched.use.days
    known = known_changes(watched.changes, watched.use, days)
    for rise in find_rises(watched.spend.spend, watched.spend.labels, known):
        found = Found(rise, rise.spike.began - earlier, rise.spike.found - earlier)
        yield rise_alert(watched.use, found, watched.changes, watched.prices)
