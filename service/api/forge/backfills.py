"""/api/v1/backfills: fetch pull requests and releases from before a forge was connected."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from key_services.configured import ring_of
from schema.backfills import DEFAULT_SPAN
from schema.database import Database
from schema.encryption import Vault
from schema.errors import BadInputError, NotFoundError
from schema.failures import Failure
from schema.identifiers import parse_repository
from schema.queue import Job, Queue
from schema.settings import Settings
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.audit.acts import note_made, note_trial
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.names import ConnectionName, own_connection
from service.contracts.backfill import BackfillList, BackfillShown, NewBackfill
from service.errors import ConflictError
from service.failures import failure_sentence
from service.queries.forge.backfills import Place, add_backfill, find_connections, read_backfills


@post(
    "/api/v1/backfills",
    guards=[requires("admin")],
    status_code=202,
    summary="Start a backfill",
    tags=["connections"],
)
async def begin_backfill(
    data: JSONBody[NewBackfill],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[BackfillList]:
    """Fetch past pull requests and releases: one backfill for each connection that has access to the forge's API."""
    since = _since(data.since)
    wanted = own_connection(caller.organization_id, data.connection)
    names = Vault(ring_of(settings), "repository-name")
    async with database.organization(caller.organization_id) as tenant:
        places = await find_connections(tenant, data.forge, wanted)
        made = []
        for place, path in _targets(places, data):
            sealed = names.seal(caller.organization_id, msgspec.json.encode({"path": path})) if path else None
            made.append(uuid4())
            await add_backfill(tenant, made[-1], place.connection_id, since, sealed, is_dry_run=data.dry_run)
        rows = [row for made_id in made for row in await read_backfills(tenant, backfill_id=made_id, limit=1)]
    note_made(*made)
    note_trial(is_trial=data.dry_run)
    wake_up = BackgroundTask(queue.wake, Job.BACKFILL, caller.organization_id)
    items = [backfill_shown(caller.organization_id, row) for row in rows]
    return Response(BackfillList(items), status_code=202, background=wake_up)


@get("/api/v1/backfills", guards=[requires("read")], summary="List backfills", tags=["connections"])
async def list_backfills(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> BackfillList:
    """List backfills with their progress, newest first."""
    after = read_cursor(cursor, tuple[datetime, UUID])
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_backfills(tenant, after=after, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["created_at"], row["backfill_id"]))
    return BackfillList([backfill_shown(caller.organization_id, row) for row in page], next_cursor)


@get("/api/v1/backfills/{backfill_id:uuid}", guards=[requires("read")], summary="Get a backfill", tags=["connections"])
async def show_backfill(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    backfill_id: Annotated[UUID, PathParameter(description="Id of a backfill")],
) -> BackfillShown:
    """Get the progress of a backfill."""
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_backfills(tenant, backfill_id=backfill_id, limit=1)
    if not rows:
        raise NotFoundError("no backfill has this id; list them with GET /api/v1/backfills")
    return backfill_shown(caller.organization_id, rows[0])


def _since(requested: datetime | None) -> datetime:
    now = datetime.now(UTC)
    if requested is None:
        return now - DEFAULT_SPAN
    since = requested if requested.tzinfo else requested.replace(tzinfo=UTC)
    if since >= now:
        raise BadInputError("must not be in the future; write the day on which to start, as YYYY-MM-DD", field="since")
    return since


def _targets(places: list[Place], data: NewBackfill) -> list[tuple[Place, str | None]]:
    """Return the connections to backfill, each with a repository's path or None; raises ConflictError if none."""
    if not places:
        raise ConflictError(
            f"no connection to {data.forge} has an access token; "
            + ("register an App: shipledger github create-app; or " if data.forge == "github" else "")
            + "give it one: PUT /api/v1/connections/{id}/token"
        )
    if data.repository is None:
        return [(place, None) for place in places]
    name = parse_repository(data.repository, places[0].host)
    found: list[tuple[Place, str | None]] = [(place, name.path) for place in places if place.host == name.host]
    if not found:
        raise ConflictError(
            "no connection to the host of this repository has an access token; set one with PUT "
            "/api/v1/connections/{id}/token"
        )
    # Two connections to one host would fetch the same data twice.
    return found[:1]


def backfill_shown(organization_id: int, row: Mapping[str, Any]) -> BackfillShown:
    """Convert a row to the API's contract."""
    stored = [each or Failure.UNEXPECTED for each in row["failures"] or ()]
    failures = Counter(sentence for each in stored if (sentence := failure_sentence(each)))
    state = "running" if row["waiting"] else ("failed" if failures else "done")
    is_put_off = bool(row["waiting"]) and row["continues_at"] > datetime.now(UTC)
    names = ("forge", "since", "repositories", "finished_repositories", "expected_pull_requests", "pull_requests")
    return BackfillShown(
        id=str(row["backfill_id"]),
        connection=str(ConnectionName(organization_id, row["connection_id"])),
        state="waiting" if is_put_off else state,
        dry_run=row["is_dry_run"],
        continues_at=row["continues_at"] if is_put_off else None,
        finished_at=None if row["waiting"] else row["finished_at"],
        failures=dict(failures),
        **{name: row[name] for name in (*names, "releases", "requests", "created_at")},
    )


ROUTES = [begin_backfill, list_backfills, show_backfill]
