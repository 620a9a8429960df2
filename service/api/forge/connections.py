"""/api/v1/connections: webhooks of repositories, groups or organizations without a GitHub App."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from litestar import Request, get, post, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody

from key_services.configured import ring_of
from schema.database import Database
from schema.encryption import Vault
from schema.errors import NotFoundError
from schema.queue import Queue
from schema.settings import Settings
from service.api.forge.repairs import repair_shown
from service.api.forge.token_trials import try_token
from service.api.parameters import ConnectionId
from service.audit.acts import note_made
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.credentials import chosen_secret, sealed_token, token_vault
from service.connections.forge_addresses import forge_base, forge_host
from service.connections.names import ConnectionName, parse_connection_name, webhook_url
from service.connections.public_address import public_base
from service.contracts.connection import (
    ConnectionList,
    ConnectionMade,
    ConnectionShown,
    NewConnection,
    NewToken,
)
from service.contracts.trial import Trial
from service.errors import ConflictError
from service.failures import failure_sentence
from service.queries.forge.connections import add_connection, find_same_token, give_token, read_connections
from service.queries.forge.repairs import read_repairs

SHOWN = (
    "forge",
    "host",
    "installation_id",
    "state",
    "created_at",
    "has_token",
    "summaries",
    "summaries_failure",
    "team_sync",
)


@post("/api/v1/connections", guards=[requires("admin")], summary="Create a connection", tags=["connections"])
async def make_connection(
    request: Request[Any, Any, State],
    data: JSONBody[NewConnection],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> ConnectionMade:
    """Create a webhook URL and a secret to enter at the forge. The secret is generated unless you send one.

    A worker tries an access token at once; `token` says whether it works. A token that another connection to the forge
    has is refused with 409.
    """
    base = public_base(request, settings)
    return await store_connection(data, caller.organization_id, base, settings, database, queue)


async def store_connection(
    data: NewConnection, organization_id: int, base: str, settings: Settings, database: Database, queue: Queue
) -> ConnectionMade:
    """Create a connection and try its token; `base` is the URL of this service. Raises BadInputError, ConflictError."""
    host = forge_host(data.forge, data.base_url)
    secret = chosen_secret(data.forge, data.secret)
    name = ConnectionName(organization_id, uuid4())
    sealed = Vault(ring_of(settings), "secret").seal(organization_id, secret.encode())
    vault = token_vault(settings)
    token = sealed_token(settings, organization_id, data.token)
    async with database.organization(organization_id) as tenant:
        if token is not None and (same := await find_same_token(tenant, vault, host, token)) is not None:
            raise ConflictError(
                f"connection {ConnectionName(organization_id, same)} has this token; use it, or another token",
                field="token",
            )
        await add_connection(
            tenant,
            name.connection_id,
            forge=data.forge,
            host=host,
            base_url=forge_base(data.base_url),
            sealed_secret=sealed,
            sealed_token=token,
        )
    note_made(name)
    trial = await try_token(database, queue, name, settings.trial_wait) if token else Trial("none")
    url = webhook_url(base, data.forge, name)
    return ConnectionMade(id=str(name), forge=data.forge, host=host, webhook_url=url, secret=secret, token=trial)


@put(
    "/api/v1/connections/{connection_id:str}/token",
    guards=[requires("admin")],
    status_code=200,
    summary="Set a connection's access token",
    tags=["connections"],
)
async def set_token(
    data: JSONBody[NewToken],
    connection_id: ConnectionId,
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Trial:
    """Set the token that workers use for the forge's API; null removes it. It is stored encrypted and never shown.

    A worker tries it at once; the response says whether it works, and otherwise what the forge answered.
    """
    name = parse_connection_name(connection_id)
    token = sealed_token(settings, caller.organization_id, data.token)
    async with database.organization(caller.organization_id) as tenant:
        is_own = name.organization_id == caller.organization_id
        is_set = is_own and await give_token(tenant, name.connection_id, token)
    if not is_set:
        raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
    return await try_token(database, queue, name, settings.trial_wait) if token else Trial("none")


@get("/api/v1/connections", guards=[requires("read")], summary="List connections", tags=["connections"])
async def list_connections(
    request: Request[Any, Any, State],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> ConnectionList:
    """List connections with the time of their last delivery. Secrets are never shown."""
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_connections(tenant)
        repairs = await read_repairs(tenant)
    base = public_base(request, settings)
    return ConnectionList([_shown(caller.organization_id, base, row, repairs) for row in rows])


@get(
    "/api/v1/connections/{connection_id:str}",
    guards=[requires("read")],
    summary="Get a connection",
    tags=["connections"],
)
async def show_connection(
    request: Request[Any, Any, State],
    connection_id: ConnectionId,
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> ConnectionShown:
    """Get a connection, including the checks for missed webhooks."""
    name = parse_connection_name(connection_id)
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_connections(tenant)
        repairs = await read_repairs(tenant)
    for row in rows:
        if name == (caller.organization_id, row["connection_id"]):
            return _shown(caller.organization_id, public_base(request, settings), row, repairs)
    raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")


def _shown(
    organization_id: int, base: str, row: Mapping[str, Any], repairs: Sequence[Mapping[str, Any]]
) -> ConnectionShown:
    name = ConnectionName(organization_id, row["connection_id"])
    url = webhook_url(base, row["forge"], name) if row["installation_id"] is None else f"{base}/webhooks/github"
    shown = {key: row[key] for key in SHOWN} | {"summaries_failure": failure_sentence(row["summaries_failure"])}
    app = row["registration_id"] and str(ConnectionName(organization_id, row["registration_id"]))
    subjects = {row["connection_id"], row["registration_id"]}
    return ConnectionShown(
        id=str(name),
        webhook_url=url,
        last_delivery_at=row["last_delivery_at"],
        github_app=app,
        repairs=[repair_shown(organization_id, each) for each in repairs if each["subject_id"] in subjects],
        **shown,
    )


ROUTES = [make_connection, list_connections, show_connection, set_token]
