"""/api/v1/teams: whose tokens and whose pull requests are compared."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.contracts.team import TeamIn, TeamList, TeamShown
from schema.database import Database
from schema.errors import BadInputError
from schema.identifiers import RepositoryName, artifact_text, parse_repository
from schema.organizations import OrganizationKeys
from schema.queue import Job, Queue
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, decode_cursor
from service.auth.caller import Caller
from service.auth.guards import requires
from service.queries.teams import give_repositories, list_teams, save_team


@get("/api/v1/teams", guards=[requires("read")], summary="All teams", tags=["administration"])
async def show_teams(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> TeamList:
    """Teams in the order in which they were made; a key that is pinned to a team sees that one."""
    after = decode_cursor(cursor, tuple[int])[0] if cursor else None
    async with database.organization(caller.organization_id) as connection:
        rows = await list_teams(
            connection, caller.organization_id, team_id=caller.team_id, after=after, limit=limit + 1
        )
    page, next_cursor = cut(rows, limit, lambda row: (row["team_id"],))
    return TeamList(items=[team_shown(row) for row in page], next_cursor=next_cursor)


@post(
    "/api/v1/teams",
    guards=[requires("admin")],
    summary="Make or change a team",
    description="Answers 201 when the team was made, 200 when it was there already.",
    tags=["administration"],
)
async def take_team(
    data: JSONBody[TeamIn],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    queue: NamedDependency[Queue],
) -> Response[TeamShown]:
    """Make a team, or change what is told of it; what it is given is taken from other teams."""
    names = [read_name(text, index) for index, text in enumerate(data.repositories)]
    hasher = await organization_keys.hasher(caller.organization_id)
    async with database.organization(caller.organization_id) as connection:
        team_id, is_new = await save_team(connection, caller.organization_id, data)
        is_stale = await give_repositories(connection, caller.organization_id, hasher, team_id, names)
        rows = await list_teams(connection, caller.organization_id, team_id=team_id)
    wake_up = BackgroundTask(queue.wake, Job.SETTLE_DAYS, caller.organization_id)
    status = 201 if is_new else 200
    return Response(team_shown(rows[0]), status_code=status, background=wake_up if is_stale else None)


def read_name(text: str, index: int) -> RepositoryName:
    """The repository at an index of the list; raises BadInputError naming it."""
    try:
        return parse_repository(text)
    except (BadInputError, ValueError) as error:
        detail = error.detail if isinstance(error, BadInputError) else "cannot be read; write host/owner/name"
        raise BadInputError(detail, field=f"repositories[{index}]") from error


def team_shown(row: Mapping[str, Any]) -> TeamShown:
    """A team as it is shown."""
    return TeamShown(
        id=row["team_id"],
        name=row["name"],
        size=row["size"],
        is_default=row["is_default"],
        telemetry_ids=row["telemetry_ids"],
        repositories=[artifact_text(each) for each in row["repositories"]],
    )


ROUTES = [show_teams, take_team]
