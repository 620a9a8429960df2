"""Reading the facts of a team from rollups, with those of the overview and of spend."""

from dataclasses import replace

from service.dashboard.overview.reading import read_overview
from service.dashboard.shell.opening import Opened
from service.dashboard.spend.facts import Pair
from service.dashboard.spend.scope import Scope, read_by
from service.dashboard.team.facts import TeamFacts
from service.errors import ForbiddenError
from service.queries.ledger.watched import read_budgets, read_forecasts
from service.queries.spend.buckets import Bucket
from service.queries.spend.merges_by_group import read_repositories_of_teams
from service.queries.teams.teams import find_team, read_named_sizes


async def read_team(opened: Opened, name: str, *, is_compared: bool) -> TeamFacts:
    """Read the facts of a team, by name or telemetry id; raises NotFoundError and ForbiddenError."""
    tenant, view = opened.tenant, opened.view
    team_id = await find_team(tenant, name)
    if not opened.is_shown(team_id):
        raise ForbiddenError(f"your role is limited to the team {view.own_team}")
    shown, people = (await read_named_sizes(tenant))[team_id]
    overview = await read_overview(replace(opened, team_id=team_id), is_compared=is_compared)
    facts = TeamFacts(shown, people, overview)
    if overview.withheld:
        return facts
    scope = Scope(team_id, view.price)
    whole = [Bucket(view.period.span, view.period.before if is_compared else None)]
    by = {
        dimension: {
            cell.groups[0]: Pair(cell.now, cell.before) for cell in await read_by(tenant, scope, whole, dimension)
        }
        for dimension in ("model", "workflow")
    }
    return replace(
        facts,
        repositories=sorted(each.name for each in await read_repositories_of_teams(tenant) if each.team_id == team_id),
        by_model=by["model"],
        by_workflow=by["workflow"],
        budgets=await read_budgets(tenant, team_id),
        forecasts=await read_forecasts(tenant, team_id, opened.thresholds),
    )
