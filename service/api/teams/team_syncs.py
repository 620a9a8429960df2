"""/api/v1/team-syncs: sync teams, their sizes and repositories from a forge. Off by default."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, get, post, put
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.contracts.team_sync import TeamSyncReport
from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from schema.organization_keys import OrganizationKeys
from schema.queue import Job, Queue
from service.api.parameters import ConnectionId
from service.audit.acts import note_trial
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.names import ConnectionName, own_connection, parse_connection_name
from service.contracts.team_sync import NewTeamSync, TeamSyncList, TeamSyncShown, WantedTeamSync
from service.errors import ConflictError
from service.failures import failure_sentence, standing_of
from service.queries.teams.team_syncs import (
    find_syncable,
    read_team_syncs,
    request_team_sync,
    switch_off,
    switch_on,
)

NEEDED = {
    "github": "cannot be true yet: give the connection an access token that can read teams, or register an App with"
    " shipledger github create-app --team-sync",
    "gitlab": "cannot be true yet: give the connection an access token with the scope read_api first",
}


@put(
    "/api/v1/connections/{connection_id:str}/team-sync",
    guards=[requires("admin")],
    status_code=204,
    summary="Turn team sync on or off",
    tags=["connections"],
)
async def switch_team_sync(
    data: JSONBody[NewTeamSync],
    connection_id: ConnectionId,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    queue: NamedDependency[Queue],
) -> Response[None]:
    """Sync this connection's teams with the forge every day.

    Only the number of a team's members is stored. When you turn the sync off, teams keep their sizes and repositories.
    """
    name = parse_connection_name(connection_id)
    hasher = await organization_keys.hasher(caller.organization_id)
    excluded = None if data.excluded is None else sorted({hasher.code_owner(handle) for handle in data.excluded})
    async with database.organization(caller.organization_id) as tenant:
        is_own = name.organization_id == caller.organization_id
        row = await find_syncable(tenant, name.connection_id) if is_own else None
        if row is None:
            raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
        if data.enabled and not row["is_able"]:
            raise BadInputError(NEEDED[row["forge"]], field="enabled")
        await (switch_on if data.enabled else switch_off)(tenant, name.connection_id, excluded)
    wake_up = BackgroundTask(queue.wake, Job.SYNC_TEAMS, caller.organization_id)
    return Response(None, status_code=204, background=wake_up if data.enabled else None)


@post(
    "/api/v1/team-syncs",
    guards=[requires("admin")],
    status_code=202,
    summary="Sync teams now",
    tags=["connections"],
)
async def begin_team_sync(
    data: JSONBody[WantedTeamSync],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[TeamSyncList]:
    """Start a sync now, in addition to the daily one. A dry run reports what would change."""
    wanted = own_connection(caller.organization_id, data.connection)
    note_trial(is_trial=data.dry_run)
    async with database.organization(caller.organization_id) as tenant:
        connections = await request_team_sync(tenant, wanted, dry_run=data.dry_run)
        if not connections:
            raise ConflictError(
                "no connection has access to teams; set a token with PUT /api/v1/connections/{id}/token"
                if data.dry_run
                else "team sync is off for every connection; turn it on: shipledger teams sync on"
            )
        rows = await read_team_syncs(tenant, connections)
    wake_up = BackgroundTask(queue.wake, Job.SYNC_TEAMS, caller.organization_id)
    items = [team_sync_shown(caller.organization_id, row) for row in rows]
    return Response(TeamSyncList(items=items), status_code=202, background=wake_up)


@get("/api/v1/team-syncs", guards=[requires("admin")], summary="List team syncs", tags=["connections"])
async def list_team_syncs(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> TeamSyncList:
    """List each connection's sync with its state, its last report and its last dry run.

    Needs an admin key: reports contain the sizes of all teams, even the smallest.
    """
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_team_syncs(tenant)
    return TeamSyncList(items=[team_sync_shown(caller.organization_id, row) for row in rows])


def team_sync_shown(organization_id: int, row: Mapping[str, Any]) -> TeamSyncShown:
    """Convert a row to the API's contract."""
    failure = row["failure"]
    is_running = row["requested_at"] is not None or (row["dry_run_at"] is not None and failure is None)
    is_off = not row["enabled"] and failure is None
    return TeamSyncShown(
        connection=str(ConnectionName(organization_id, row["connection_id"])),
        forge=row["forge"],
        host=row["host"],
        enabled=row["enabled"],
        state="running" if is_running else "off" if is_off else standing_of(failure, otherwise="synced"),
        reason=None if is_running else failure_sentence(failure),
        excluded=row["excluded"],
        last_success_at=row["succeeded_at"],
        next_at=row["next_attempt_at"] if row["enabled"] else None,
        report=_report(row["report"]),
        dry_run=_report(row["dry_run_report"]),
    )


def _report(text: str | None) -> TeamSyncReport | None:
    return None if text is None else msgspec.json.decode(text, type=TeamSyncReport)


ROUTES = [switch_team_sync, begin_team_sync, list_team_syncs]
