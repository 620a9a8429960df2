"""Watches the spend of an organization once its days are settled: alerts, and forecasts beside its budgets."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta

from schema.queue import Job
from workers.context import WorkerContext
from workers.statistics.spend_watch import (
    Outlook,
    Rise,
    burnt,
    day_of,
    find_rises,
    look_ahead,
    period_days,
)
from workers.stores.ledger import spend_watch
from workers.stores.ledger.spend_watch import Alert, DailySpend, Forecast

PERIODS = ("month", "quarter")
WHOLE_ORGANIZATION = 0


async def watch_spend(context: WorkerContext, organization_id: int) -> None:
    """Watch all days up to the last full one."""
    await context.queue.begun(Job.WATCH_SPEND, organization_id)
    async with context.database.organization(organization_id) as tenant:
        daily = await spend_watch.load(tenant)
        budgets = await spend_watch.read_budgets(tenant)
    if daily is None:
        return
    # In a thread, because a year of many series would block the worker's other jobs.
    rises = await asyncio.to_thread(find_rises, daily.spend, daily.labels)
    outlooks = await asyncio.to_thread(lambda: list(_outlooks(daily, budgets)))
    alerts = [_rise_alert(daily, rise) for rise in rises]
    alerts += [alert for key, outlook in outlooks for alert in _budget_alerts(daily, key, outlook, budgets.get(key))]
    async with context.database.organization(organization_id) as tenant, tenant.transaction():
        await spend_watch.save(tenant, daily.last_day, alerts, [_forecast(daily, *each) for each in outlooks])


def _outlooks(daily: DailySpend, budgets: Mapping[tuple[int, str], int]) -> Iterator[tuple[tuple[int, str], Outlook]]:
    for team_id in (WHOLE_ORGANIZATION, *sorted(daily.team_ids.values())):
        inside = [team_id in {WHOLE_ORGANIZATION, daily.team_ids[each["team"]]} for each in daily.labels]
        spend = daily.spend[inside].sum(axis=0)
        for period in PERIODS:
            first, last = period_days(period, daily.last_day)
            known = (daily.last_day - first).days + 1
            spent = round(float(spend[-known:].sum()))
            outlook = look_ahead(spend, spent, (last - daily.last_day).days, budgets.get((team_id, period)))
            if outlook is not None:
                yield (team_id, period), outlook


def _rise_alert(daily: DailySpend, rise: Rise) -> Alert:
    first_day = daily.last_day - timedelta(days=daily.spend.shape[1] - 1)
    subject, spike = rise.subject, rise.spike
    return Alert(
        "rise",
        " ".join(subject).strip(),
        daily.team_ids[subject.value] if subject.dimension == "team" else WHOLE_ORGANIZATION,
        first_day + timedelta(days=spike.began),
        first_day + timedelta(days=spike.found),
        round(spike.expected),
        round(spike.spent),
        " ".join(rise.cause) if rise.cause and rise.cause != subject else None,
    )


def _budget_alerts(daily: DailySpend, key: tuple[int, str], outlook: Outlook, budget: int | None) -> Iterator[Alert]:
    if budget is None:
        return
    team_id, period = key
    first, _ = period_days(period, daily.last_day)
    for percent in burnt(outlook.spent, budget):
        yield Alert("budget", f"{period} {percent} %", team_id, first, daily.last_day, budget, outlook.spent, None)
    if outlook.crossing and outlook.crossing.likely is not None and outlook.spent < budget:
        yield Alert("budget", f"{period} forecast", team_id, first, daily.last_day, budget, outlook.likely, None)


def _forecast(daily: DailySpend, key: tuple[int, str], outlook: Outlook) -> Forecast:
    days = outlook.crossing
    return Forecast(
        *key,
        period_days(key[1], daily.last_day)[0],
        daily.last_day,
        outlook.spent,
        outlook.likely,
        outlook.low,
        outlook.high,
        outlook.model,
        day_of(daily.last_day, days.likely) if days else None,
        day_of(daily.last_day, days.earliest) if days else None,
    )
