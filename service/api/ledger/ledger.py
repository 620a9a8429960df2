"""GET /api/v1/ledger: where every token of a period went."""

from litestar import get
from litestar.di import NamedDependency

from schema.database import Database
from service.api.amounts import amounts_shown
from service.api.billing.reconciliation_rows import overhead_shown
from service.api.parameters import CostKindName, TeamName
from service.api.periods import From, To, read_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.ledger import LedgerShown
from service.queries.ledger.costs import read_ledger_costs
from service.queries.ledger.overhead import read_overhead
from service.queries.ledger.totals import read_ledger


@get("/api/v1/ledger", guards=[requires("read")], summary="Show where every token went", tags=["figures"])
async def show_ledger(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    cost_kind: CostKindName = "list",
) -> LedgerShown:
    """Show the tokens and dollars received in a period, by where they are now. The default period is all time.

    Whole UTC days are counted. `cost_kind` selects list prices; effective prices from bills (list prices on days
    without a bill); or the billed cost of the tokens that telemetry saw.
    """
    period = read_period(from_, to)
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        ledger = await read_ledger(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
        if cost_kind != "list":
            costs = await read_ledger_costs(
                tenant, cost_kind, team_id=team_id, first_day=period.first, last_day=period.last
            )
            ledger = ledger.at(costs)
        overhead = await read_overhead(tenant)
    parts = ("received", "merged", "in_flight", "abandoned", "overhead", "pending", "difference", "superseded")
    entries = {part: getattr(ledger, part) for part in parts}
    return LedgerShown(
        first_day=period.first,
        last_day=period.last,
        team=team,
        cost_kind=cost_kind,
        overhead_multiplier=overhead_shown(overhead, ledger.received.nano_usd) if overhead else None,
        **{part: amounts_shown(entry.tokens, entry.nano_usd) for part, entry in entries.items()},
    )


ROUTES = [show_ledger]
