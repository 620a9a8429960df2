"""Reading the facts of spend from rollups, with the queries of the REST endpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from service.api.ledger.team_changes import sum_causes
from service.contracts.reconciliation import CostKind
from service.dashboard.components.fates import fates_of
from service.dashboard.shell.opening import Opened
from service.dashboard.spend.facts import Pair, SpendFacts, Week
from service.dashboard.spend.scope import Scope, read_by, scope_of
from service.queries.billing.reconciliation import GroupBy, read_reconciliation
from service.queries.ledger.watched import read_budgets, read_forecasts_of_budgets
from service.queries.spend.buckets import Bucket, SpendBucket, buckets_of
from service.queries.spend.reading import Amounts, Cell, Question, is_settled, read_cells
from service.queries.spend.runs import Span
from service.queries.spend.withheld import why_withheld

QUARTER = "quarter"
MOST_DAYS = 100


async def read_spend(opened: Opened, *, is_compared: bool) -> SpendFacts:
    """Read the facts; without a comparison, nothing of an earlier period and no causes."""
    tenant, view, team_id = opened.tenant, opened.view, opened.team_id
    scope = scope_of(view, team_id)
    number = len(view.period.slots)
    reason = await why_withheld(tenant, team_id, opened.thresholds) if team_id is not None else None
    if reason:
        nothing = [Amounts()] * number
        return SpendFacts(fates_of([], number), fates_of([], number), nothing, nothing, withheld=reason)
    buckets = [Bucket(slot.span, slot.before if is_compared else None) for slot in view.period.slots]
    whole = [Bucket(view.period.span, view.period.before if is_compared else None)]
    fates = await read_by(tenant, scope, buckets, "fate")
    is_whole = not scope.dimension
    changes = await opened.read_changes() if is_whole else []
    forecasts = await read_forecasts_of_budgets(tenant, team_id, opened.thresholds) if is_whole else []
    reconciled = await read_reconciliation(
        tenant, first_day=view.period.span.first, last_day=view.period.span.last, by=GroupBy.PROVIDER
    )
    return SpendFacts(
        fates=fates_of(fates, number),
        fates_before=fates_of(fates, number, is_before=True),
        at_list=await _totals(opened, scope, "list"),
        at_effective=await _totals(opened, scope, "effective"),
        by_model=_pairs(await read_by(tenant, scope, whole, "model")),
        by_workflow=_pairs(await read_by(tenant, scope, whole, "workflow")),
        changes=changes,
        causes=sum_causes(changes) if changes and is_compared else None,
        list_before=sum(each.before.nano_usd for each in changes),
        list_after=sum(each.after.nano_usd for each in changes),
        bills={cell.group: row for cell, row in reconciled.by_cell.items()} if is_whole and team_id is None else {},
        budgets=await read_budgets(tenant, team_id) if is_whole else [],
        forecasts=forecasts,
        quarter=await _quarter(opened, scope, forecasts) if is_whole else [],
        is_settled=await is_settled(tenant, team_id, view.period.span),
    )


async def _totals(opened: Opened, scope: Scope, price: CostKind) -> list[Amounts]:
    """Return the sums of each slot at a price."""
    buckets = [Bucket(slot.span) for slot in opened.view.period.slots]
    found = [Amounts()] * len(buckets)
    for cell in await read_by(opened.tenant, replace(scope, price=price), buckets, "fate"):
        known = found[cell.bucket - 1]
        found[cell.bucket - 1] = known._replace(
            tokens=known.tokens.plus(cell.now.tokens), nano_usd=known.nano_usd + cell.now.nano_usd
        )
    return found


async def _quarter(opened: Opened, scope: Scope, forecasts: Sequence[Mapping[str, object]]) -> list[Week]:
    """Return the running total of the forecast's quarter at the end of each of its weeks."""
    row = next((each for each in forecasts if each["period"] == QUARTER and not each["of_model"]), None)
    if row is None:
        return []
    span = Span(_day(row["first_day"]), _day(row["made_to"]))
    if span.last < span.first or (span.last - span.first) > timedelta(days=MOST_DAYS):
        return []
    buckets = buckets_of(span, SpendBucket.WEEK, None)
    question = Question(buckets, ("fate",), "list", scope.team_id)
    cells = await read_cells(opened.tenant, question, None, MOST_DAYS)
    weeks, total = [], 0
    for place, bucket in enumerate(buckets, 1):
        total += sum(cell.now.nano_usd for cell in cells if cell.bucket == place)
        weeks.append(Week(bucket.span.last, total))
    return weeks


def _day(value: object) -> date:
    assert isinstance(value, date), "a column of dates"
    return value


def _pairs(cells: Sequence[Cell]) -> dict[str, Pair]:
    return {cell.groups[0]: Pair(cell.now, cell.before) for cell in cells}
