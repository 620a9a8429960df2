"""GET /api/v1/reconciliation: bills compared with telemetry; and the overhead multiplier."""

from typing import Annotated

from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter

from schema.database import Database
from service.api.billing.reconciliation_rows import overhead_shown, price_shown, row_shown, special_charge_shown
from service.api.cursors import Cursor, cut, decode_cursor
from service.api.periods import From, To, read_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.contracts.reconciliation import Overhead, OverheadShown, ReconciliationShown
from service.queries.billing.reconciliation import (
    Cell,
    GroupBy,
    read_prices,
    read_reconciliation,
    read_special,
    read_unconverted,
)
from service.queries.ledger.overhead import Parts, read_overhead, save_overhead
from vocabulary.tokens import NANO_USD

DEFAULT_ROWS = 1_000
MAXIMUM_ROWS = 5_000


@get("/api/v1/reconciliation", guards=[requires("read")], summary="Compare bills with telemetry", tags=["figures"])
async def show_reconciliation(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    from_: From = None,
    to: To = None,
    group_by: FromQuery[GroupBy] = GroupBy.MODEL,
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAXIMUM_ROWS, description="Items per page")] = DEFAULT_ROWS,
) -> ReconciliationShown:
    """Compare billed tokens and money with telemetry, by day, month, provider or model. The default period is all time.

    A charge for several days is spread evenly over them. The ledger carries the part of a bill whose tokens telemetry
    saw, with the same share of its credits and taxes. Import bills with `shipledger import focus`.
    """
    require_whole_organization(caller)
    period = read_period(from_, to)
    after = Cell(*decode_cursor(cursor, Cell)) if cursor else None
    async with database.organization(caller.organization_id) as tenant:
        sums = await read_reconciliation(tenant, first_day=period.first, last_day=period.last, by=group_by)
        prices = await read_prices(tenant, period.first, period.last)
        special = await read_special(tenant, period.first, period.last)
        unconverted = await read_unconverted(tenant, period.first, period.last)
        overhead = await read_overhead(tenant)
    left = [cell for cell in sorted(sums.by_cell) if after is None or cell > after]
    page, next_cursor = cut(left, limit, lambda cell: cell)
    return ReconciliationShown(
        first_day=period.first,
        last_day=period.last,
        items=[row_shown(sums.by_cell[cell], cell, group_by) for cell in page],
        total=row_shown(sums.total),
        effective_prices=[price_shown(row) for row in prices],
        special_charges=[special_charge_shown(row) for row in special],
        unconverted_currencies=unconverted,
        overhead_multiplier=overhead_shown(overhead, sums.total["attributed_nano_usd"]) if overhead else None,
        next_cursor=next_cursor,
    )


@get("/api/v1/overhead-multiplier", guards=[requires("read")], summary="Get the overhead multiplier", tags=["figures"])
async def show_overhead(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> OverheadShown:
    """Get the parts of the overhead multiplier, and what they add to a cost of one dollar."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        parts = await read_overhead(tenant)
    return overhead_shown(parts or Parts(), NANO_USD)


@put("/api/v1/overhead-multiplier", guards=[requires("admin")], summary="Set the overhead multiplier", tags=["set-up"])
async def set_overhead(
    data: JSONBody[Overhead], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> OverheadShown:
    """Set the cost of orchestration, observability and power as shares of the token cost. No cost includes them."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        parts = await save_overhead(tenant, data)
    return overhead_shown(parts, NANO_USD)


ROUTES = [show_reconciliation, show_overhead, set_overhead]
