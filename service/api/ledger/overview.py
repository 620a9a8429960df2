"""GET /api/v1/overview: what was spent, and what it shipped."""

from litestar import get
from litestar.di import NamedDependency

from schema.database import Database
from schema.identifiers import artifact_text
from schema.settings import Settings
from service.api.amounts import amounts_shown
from service.api.parameters import TeamName
from service.api.periods import From, To, read_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.overview import DearestPullRequest, OverviewShown
from service.queries.ledger.overview import read_merged
from service.queries.ledger.totals import read_ledger
from service.queries.spend.withheld import why_withheld
from service.queries.teams.comparisons import thresholds_of
from vocabulary.tokens import usd_text

PARTS = ("received", "merged", "pending")


@get("/api/v1/overview", guards=[requires("read")], summary="Show what was spent and shipped", tags=["figures"])
async def show_overview(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    team: TeamName = None,
    from_: From = None,
    to: To = None,
) -> OverviewShown:
    """Show what was spent in a period, how much of it is on merged pull requests, and which of them cost most.

    The default period is all time. Whole UTC days are counted. Like `GET /api/v1/ledger`, it withholds the figures of a
    small team beside others.
    """
    period = read_period(from_, to)
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        reason = None if team_id is None else await why_withheld(tenant, team_id, thresholds_of(settings))
        ledger = await read_ledger(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
        merged = await read_merged(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
    dearest = None
    if merged.dearest is not None and reason is None:
        dearest = DearestPullRequest(
            artifact_id=artifact_text(merged.dearest.artifact_id),
            label=merged.label,
            cost_usd=usd_text(merged.dearest.nano_usd),
        )
    entries = {} if reason else {part: getattr(ledger, part) for part in PARTS}
    return OverviewShown(
        first_day=period.first,
        last_day=period.last,
        team=team,
        **dict.fromkeys(PARTS) | {part: amounts_shown(entry.tokens, entry.nano_usd) for part, entry in entries.items()},
        merged_pull_requests=None if reason else merged.number,
        known_pull_requests=merged.known,
        dearest=dearest,
        withheld_reason=reason,
    )


ROUTES = [show_overview]
