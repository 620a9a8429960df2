"""GET /api/v1/overview: what was spent, and what it shipped."""

from litestar import get
from litestar.di import NamedDependency

from schema.database import Database
from schema.identifiers import artifact_text
from service.api.amounts import amounts_shown
from service.api.parameters import TeamName
from service.api.periods import From, To, read_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.overview import DearestPullRequest, OverviewShown
from service.queries.ledger.overview import read_merged
from service.queries.ledger.totals import read_ledger
from vocabulary.tokens import usd_text


@get("/api/v1/overview", guards=[requires("read")], summary="Show what was spent and shipped", tags=["figures"])
async def show_overview(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    team: TeamName = None,
    from_: From = None,
    to: To = None,
) -> OverviewShown:
    """Show what was spent in a period, how much of it is on merged pull requests, and which of them cost most.

    The default period is all time. Whole UTC days are counted.
    """
    period = read_period(from_, to)
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        ledger = await read_ledger(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
        merged = await read_merged(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
    dearest = None
    if merged["artifact_id"] is not None:
        dearest = DearestPullRequest(
            artifact_id=artifact_text(merged["artifact_id"]),
            label=merged["label"],
            cost_usd=usd_text(merged["nano_usd"]),
        )
    entries = {part: getattr(ledger, part) for part in ("received", "merged", "pending")}
    return OverviewShown(
        first_day=period.first,
        last_day=period.last,
        team=team,
        **{part: amounts_shown(entry.tokens, entry.nano_usd) for part, entry in entries.items()},
        merged_pull_requests=merged["merged"],
        known_pull_requests=merged["known"],
        dearest=dearest,
    )


ROUTES = [show_overview]
