"""What will have been spent at the end of the present month and quarter, and the budgets that are exceeded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from workers.alert_rules.alert import WHOLE_ORGANIZATION, Alert
from workers.alert_rules.budgets import PERIODS, Budget, BudgetKey, Expected, budget_alerts
from workers.statistics.arrays import Real
from workers.statistics.spend_watch import Outlook, day_of, look_ahead, period_days


@dataclass(frozen=True, slots=True)
class DailySpend:
    """Spend in nano-USD (cells, days) of up to a year until `last_day`, and the labels of each cell."""

    last_day: date
    spend: Real
    labels: Sequence[Mapping[str, str]]


class Forecast(NamedTuple):
    """A forecast; see the table."""

    team_id: int
    of_model: str
    period: str
    first_day: date
    made_to: date
    spent_nano_usd: int
    likely_nano_usd: int
    low_nano_usd: int
    high_nano_usd: int
    model: str
    exceeded_on: date | None
    earliest_on: date | None


class Period(NamedTuple):
    """What a budget limits: the spend of each known day, its sum in the period, and the days to come."""

    key: BudgetKey
    spend: Real
    spent: int
    days: int


def periods(daily: DailySpend, budgets: Mapping[BudgetKey, Budget], teams: Mapping[int, str]) -> Iterator[Period]:
    """Yield the month and quarter of the organization, of each team with spend, and of models with a budget."""
    with_spend = {each["team"] for each in daily.labels}
    teams_of, models_of = (np.array([each[name] for each in daily.labels], dtype=str) for name in ("team", "model"))
    known = {WHOLE_ORGANIZATION, *(team_id for team_id, name in teams.items() if name in with_spend)}
    whole = [BudgetKey(team_id, "", period) for team_id in sorted(known) for period in PERIODS]
    for key in [
        *whole,
        *sorted(each for each in budgets if each not in whole and each.team_id in {WHOLE_ORGANIZATION, *teams}),
    ]:
        inside = (
            np.ones(len(daily.labels), dtype=bool)
            if key.team_id == WHOLE_ORGANIZATION
            else teams_of == teams[key.team_id]
        )
        if key.model:
            inside = inside & (models_of == key.model)
        spend = daily.spend[inside].sum(axis=0)
        first, last = period_days(key.period, daily.last_day)
        passed = (daily.last_day - first).days + 1
        yield Period(key, spend, round(float(spend[-passed:].sum())), (last - daily.last_day).days)


def watch_budgets(
    daily: DailySpend, budgets: Mapping[BudgetKey, Budget], teams: Mapping[int, str]
) -> tuple[list[Alert], list[Forecast]]:
    """Return the alerts of all budgets, and all forecasts; those need four weeks of history."""
    alerts: list[Alert] = []
    forecasts: list[Forecast] = []
    for each in periods(daily, budgets, teams):
        budget = budgets.get(each.key)
        soft = look_ahead(each.spend, each.spent, each.days, budget.soft if budget else None)
        if soft is not None:
            forecasts.append(_forecast(daily.last_day, each.key, soft))
        if budget is not None:
            hard = soft and look_ahead(each.spend, each.spent, each.days, budget.hard) if budget.hard else None
            expected = Expected(
                each.spent, soft.likely if soft else None, _likely_day(daily, soft), _likely_day(daily, hard)
            )
            alerts += budget_alerts(each.key, budget, expected, daily.last_day, teams)
    return alerts, forecasts


def _likely_day(daily: DailySpend, outlook: Outlook | None) -> date | None:
    return day_of(daily.last_day, outlook.crossing.likely) if outlook and outlook.crossing else None


def _forecast(last_day: date, key: BudgetKey, outlook: Outlook) -> Forecast:
    days = outlook.crossing
    return Forecast(
        *key,
        period_days(key.period, last_day)[0],
        last_day,
        outlook.spent,
        outlook.likely,
        outlook.low,
        outlook.high,
        outlook.model,
        day_of(last_day, days.likely) if days else None,
        day_of(last_day, days.earliest) if days else None,
    )
