"""GET /api/v1/ledger: where every token of a period went."""

from litestar import get

from schema.contracts.ledger import LedgerShown
from schema.database import Database
from service.api.amounts import amounts_shown
from service.api.periods import From, To, read_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.queries.ledger import read_ledger


@get("/api/v1/ledger", guards=[requires("read")], summary="Where every token went", tags=["figures"])
async def show_ledger(
    caller: Caller, database: Database, team: str | None = None, from_: From = None, to: To = None
) -> LedgerShown:
    """Tokens and dollars received, and where they are; without a period, of all time. Whole UTC days are counted."""
    period = read_period(from_, to)
    async with database.organization(caller.organization_id) as connection:
        ledger = await read_ledger(
            connection,
            caller.organization_id,
            team_id=await visible_team(connection, caller, team),
            first_day=period.first,
            last_day=period.last,
        )
    parts = ("received", "merged", "in_flight", "abandoned", "overhead", "pending", "difference")
    entries = {part: getattr(ledger, part) for part in parts}
    return LedgerShown(
        first_day=period.first,
        last_day=period.last,
        team=team,
        **{part: amounts_shown(entry.tokens, entry.nano_usd) for part, entry in entries.items()},
    )


ROUTES = [show_ledger]
