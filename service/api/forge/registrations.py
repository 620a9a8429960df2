"""/api/v1/registrations: webhooks that workers create, check and remove at GitLab."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import structs

from key_services.configured import ring_of
from schema.database import Database
from schema.encryption import Vault
from schema.errors import NotFoundError
from schema.kinds import HookState
from schema.organization_keys import OrganizationKeys
from schema.queue import Job, Queue
from schema.settings import Settings
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.api.parameters import ConnectionId
from service.api.trials import wait_for
from service.audit.acts import note_made, note_trial
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.credentials import chosen_secret, sealed_token
from service.connections.names import ConnectionName, parse_connection_name, webhook_url
from service.connections.public_address import public_base
from service.contracts.registration import NewRegistration, RegistrationList, RegistrationShown, RegistrationStarted
from service.contracts.trial import Trial
from service.errors import ConflictError
from service.failures import failure_sentence, standing_of
from service.gitlab_hooks.registration_request import RegistrationRequest, read_registration_request
from service.queries.forge.registrations import (
    add_registration,
    close_connection,
    find_registration,
    may_remove_hook,
    read_registrations,
    renew_registration,
)
from vocabulary.hooks import wanted_hook

NOT_YET = "No worker has tried it yet. See GET /api/v1/registrations, or check the installation: shipledger doctor."


@post(
    "/api/v1/registrations",
    guards=[requires("admin")],
    status_code=202,
    summary="Register a webhook at GitLab",
    tags=["connections"],
)
async def begin_registration(
    request: Request[Any, Any, State],
    data: JSONBody[NewRegistration],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    queue: NamedDependency[Queue],
) -> Response[RegistrationStarted]:
    """Create a webhook at GitLab and keep it as configured.

    A worker does it at once; `trial` says whether GitLab accepts it, and otherwise what it answered.
    Sending the same group, project or instance again repairs its webhook with the new token.
    """
    requested = read_registration_request(data, public_base(request, settings))
    if data.dry_run:
        note_trial()
        url = webhook_url(requested.public_url, "gitlab", ConnectionName(caller.organization_id, UUID(int=0)))
        return Response(_begun(None, requested, url), status_code=200)
    hasher = await organization_keys.hasher(caller.organization_id)
    target = hasher.reference("hook_target", requested.target)
    async with database.organization(caller.organization_id) as tenant:
        known = await find_registration(tenant, target)
        name = ConnectionName(caller.organization_id, known or uuid4())
        url = webhook_url(requested.public_url, "gitlab", name)
        token = sealed_token(settings, caller.organization_id, data.token) or b""
        path = _sealed_path(settings, caller.organization_id, requested.path)
        if known is not None:
            await renew_registration(tenant, name.connection_id, webhook_url=url, sealed_token=token, sealed_path=path)
        else:
            await add_registration(
                tenant,
                name.connection_id,
                host=requested.host,
                base_url=requested.base_url,
                scope=requested.scope.value,
                target=target,
                webhook_url=url,
                sealed_secret=_sealed_secret(settings, caller.organization_id),
                sealed_token=token,
                sealed_path=path,
                wants_backfill=data.backfill,
            )
    note_made(name)
    await queue.wake(Job.REGISTER_HOOKS, caller.organization_id)
    trial = await _try(database, name, settings.trial_wait)
    return Response(structs.replace(_begun(name, requested, url), trial=trial), status_code=202)


async def _try(database: Database, name: ConnectionName, wait: timedelta) -> Trial:
    """Return what the worker found that carries out a registration, or that none has within `wait`."""

    async def read() -> Trial | None:
        async with database.organization(name.organization_id) as tenant:
            (row,) = await read_registrations(tenant, connection_id=name.connection_id, limit=1)
        if row["failure"] is not None:
            return Trial(standing_of(row["failure"], otherwise="works"), failure_sentence(row["failure"]))
        return None if row["state"] == HookState.WAITING else Trial("works")

    return await wait_for(read, wait) or Trial("running", NOT_YET)


@get("/api/v1/registrations", guards=[requires("read")], summary="List registered webhooks", tags=["connections"])
async def list_registrations(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> RegistrationList:
    """List registered webhooks with their state, newest first. Secrets and paths are never shown."""
    after = read_cursor(cursor, tuple[datetime, UUID])
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_registrations(tenant, after=after, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["created_at"], row["connection_id"]))
    return RegistrationList([registration_shown(caller.organization_id, row) for row in page], next_cursor)


@get(
    "/api/v1/registrations/{registration_id:str}",
    guards=[requires("read")],
    summary="Get a registered webhook",
    tags=["connections"],
)
async def show_registration(
    registration_id: Annotated[str, PathParameter(description="Id of a registration")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> RegistrationShown:
    """Get the state of a registered webhook."""
    name = parse_connection_name(registration_id)
    rows: list[Mapping[str, Any]] = []
    if name.organization_id == caller.organization_id:
        async with database.organization(caller.organization_id) as tenant:
            rows = await read_registrations(tenant, connection_id=name.connection_id, limit=1)
    if not rows:
        raise NotFoundError("no registration has this id; start one with: shipledger gitlab register")
    return registration_shown(caller.organization_id, rows[0])


@delete(
    "/api/v1/connections/{connection_id:str}",
    guards=[requires("admin")],
    status_code=204,
    summary="Delete a connection",
    tags=["connections"],
)
async def delete_connection(
    connection_id: ConnectionId,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
    remove_hook: Annotated[
        bool, QueryParameter(description="Also delete the webhook at GitLab, if this service registered it")
    ] = False,
) -> None:
    """Stop accepting webhooks and delete the connection's secrets. The ledger stays.

    `remove_hook` also deletes a registered webhook at GitLab. To delete the connection of a GitHub App, uninstall it.
    """
    name = parse_connection_name(connection_id)
    is_closed = False
    if name.organization_id == caller.organization_id:
        async with database.organization(caller.organization_id) as tenant:
            if remove_hook and not await may_remove_hook(tenant, name.connection_id):
                raise ConflictError(
                    "needs a webhook that Shipledger registered and a token that can remove it; remove the webhook at "
                    "the forge instead, and leave out remove_hook",
                    field="remove_hook",
                )
            is_closed = await close_connection(tenant, name.connection_id, removes_hook=remove_hook)
    if not is_closed:
        raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
    if remove_hook:
        await queue.wake(Job.REGISTER_HOOKS, caller.organization_id)


def registration_shown(organization_id: int, row: Mapping[str, Any]) -> RegistrationShown:
    """Convert a row to the API's contract."""
    names = ("host", "scope", "state", "webhook_url", "test", "repairs", "last_repair", "repaired_at")
    times = ("checked_at", "registered_at", "last_delivery_at", "created_at")
    return RegistrationShown(
        id=str(ConnectionName(organization_id, row["connection_id"])),
        forge="gitlab",
        signed=row["is_signed"],
        failure=failure_sentence(row["failure"]),
        **{name: row[name] for name in (*names, *times)},
    )


def _begun(name: ConnectionName | None, requested: RegistrationRequest, url: str) -> RegistrationStarted:
    shown = url if name is not None else url.rpartition("/")[0] + "/..."
    return RegistrationStarted(
        str(name) if name else None, shown, wanted_hook(requested.scope, shown), requested.warnings
    )


def _sealed_secret(settings: Settings, organization_id: int) -> bytes:
    vault = Vault(ring_of(settings), "secret")
    return vault.seal(organization_id, chosen_secret("gitlab", None).encode())


def _sealed_path(settings: Settings, organization_id: int, path: str | None) -> bytes | None:
    vault = Vault(ring_of(settings), "repository-name")
    return vault.seal(organization_id, path.encode()) if path is not None else None


ROUTES = [begin_registration, list_registrations, show_registration, delete_connection]
