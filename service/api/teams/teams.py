"""/api/v1/teams: list, create, change and remove teams."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from litestar import Response, delete, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError, NotFoundError
from schema.identifiers import RepositoryName, artifact_text, parse_repository
from schema.organization_keys import OrganizationKeys
from schema.queue import Job, Queue
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, decode_cursor
from service.audit.acts import note_made, note_trial
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.names import LARGEST_ID
from service.contracts.team import TeamIn, TeamList, TeamShown
from service.errors import ConflictError
from service.queries.teams.code_owners import assign_code_owners, remove_code_owners
from service.queries.teams.removed_teams import remove_team
from service.queries.teams.repository_teams import assign_repositories, remove_repositories
from service.queries.teams.team_changes import FOR_ALL_TIME
from service.queries.teams.teams import default_team, find_team, list_teams, save_team

DryRun = Annotated[bool, QueryParameter(description="Change nothing, and return what would change")]


@get("/api/v1/teams", guards=[requires("read")], summary="List teams", tags=["administration"])
async def show_teams(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> TeamList:
    """List teams in order of creation. A key that is pinned to a team sees only that team."""
    after = decode_cursor(cursor, tuple[int])[0] if cursor else None
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_teams(tenant, team_id=caller.team_id, after=after, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["team_id"],))
    return TeamList(items=[team_shown(row) for row in page], next_cursor=next_cursor)


@post(
    "/api/v1/teams",
    guards=[requires("admin")],
    summary="Create or change a team",
    tags=["administration"],
)
async def take_team(
    data: JSONBody[TeamIn],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    queue: NamedDependency[Queue],
    dry_run: DryRun = False,
) -> Response[TeamShown]:
    """Create a team, or change the fields that you send. What you assign to it moves from other teams.

    Returns 201 for a new team, and 200 for a changed one or with `dry_run`.
    """
    added = [read_name(text, f"repositories[{index}]") for index, text in enumerate(data.repositories)]
    removed = [read_name(text, f"remove_repositories[{index}]") for index, text in enumerate(data.remove_repositories)]
    since = read_since(data.effective_from)
    if data.effective_from is not None and not added and not removed:
        raise BadInputError(
            "applies to repositories only; add repositories or leave it out",
            field="effective_from",
        )
    hasher = await organization_keys.hasher(caller.organization_id)
    async with changes(database, caller.organization_id, dry_run=dry_run) as tenant:
        team_id, is_new = await save_team(tenant, data)
        note_made(team_id)
        await remove_repositories(tenant, hasher, team_id, removed, since)
        await assign_repositories(tenant, hasher, team_id, added, since)
        await remove_code_owners(tenant, hasher, team_id, data.remove_code_owners)
        await assign_code_owners(tenant, hasher, team_id, data.code_owners)
        rows = await list_teams(tenant, team_id=team_id)
    wake_up = BackgroundTask(queue.wake, Job.RECORD_TEAM_CHANGES, caller.organization_id)
    status = 201 if is_new and not dry_run else 200
    return Response(team_shown(rows[0]), status_code=status, background=None if dry_run else wake_up)


@delete(
    "/api/v1/teams/{team_id:int}",
    status_code=200,
    guards=[requires("admin")],
    summary="Remove a team",
    tags=["administration"],
)
async def drop_team(
    team_id: Annotated[int, PathParameter(description="Id of a team")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
    into: Annotated[str | None, QueryParameter(description="Target team (default: the default team)")] = None,
    effective_from: Annotated[
        date | None, QueryParameter(description="UTC day on which repositories move (default: for all time)")
    ] = None,
    dry_run: DryRun = False,
) -> Response[TeamShown]:
    """Move a team's repositories, telemetry ids and name to another team, which is returned.

    Past spend stays with the removed team, which is then still listed. The default team cannot be removed.
    """
    since = read_since(effective_from)
    organization_id = caller.organization_id
    async with changes(database, organization_id, dry_run=dry_run) as tenant:
        found = await list_teams(tenant, team_id=team_id) if 0 < team_id <= LARGEST_ID else []
        if not found:
            raise NotFoundError("no team has this id; list them with GET /api/v1/teams", field="team_id")
        if found[0]["is_default"]:
            raise ConflictError(
                "is the default team, which cannot be removed; everything without a team belongs to it", field="team_id"
            )
        heir = await find_team(tenant, into, "into") if into else await default_team(tenant)
        if heir == team_id:
            raise BadInputError("must not be the team to remove; choose another team", field="into")
        if (await list_teams(tenant, team_id=heir))[0]["removed_at"]:
            raise BadInputError("is a removed team; choose another team", field="into")
        await remove_team(tenant, team_id, heir, since)
        rows = await list_teams(tenant, team_id=heir)
    wake_up = BackgroundTask(queue.wake, Job.RECORD_TEAM_CHANGES, organization_id)
    return Response(team_shown(rows[0]), background=None if dry_run else wake_up)


@asynccontextmanager
async def changes(database: Database, organization_id: int, *, dry_run: bool) -> AsyncIterator[Tenant]:
    """Open a transaction, which a dry run rolls back at its end."""
    note_trial(is_trial=dry_run)
    async with database.organization(organization_id) as tenant:
        step = tenant.transaction()
        await step.start()
        try:
            yield tenant
        except BaseException:
            await step.rollback()
            raise
        await (step.rollback() if dry_run else step.commit())


def read_since(day: date | None) -> datetime:
    """Return the time at which repositories move; raises BadInputError for a future day."""
    if day is None:
        return FOR_ALL_TIME
    if day > datetime.now(UTC).date():
        raise BadInputError("must not be in the future; send the change on that day", field="effective_from")
    return max(datetime.combine(day, time(), UTC), FOR_ALL_TIME)


def read_name(text: str, field: str) -> RepositoryName:
    """Parse a repository's name; raises BadInputError with the field."""
    try:
        return parse_repository(text)
    except (BadInputError, ValueError) as error:
        detail = error.detail if isinstance(error, BadInputError) else "is not valid; write host/owner/name"
        raise BadInputError(detail, field=field) from error


def team_shown(row: Mapping[str, Any]) -> TeamShown:
    """Convert a row to the API's contract."""
    return TeamShown(
        id=row["team_id"],
        name=row["name"],
        size=row["size"],
        size_counted=row["size_counted"],
        is_default=row["is_default"],
        telemetry_ids=row["telemetry_ids"],
        repositories=[artifact_text(repository) for repository in row["repositories"]],
        code_owners=row["code_owners"],
        removed_at=row["removed_at"],
    )


ROUTES = [show_teams, take_team, drop_team]
