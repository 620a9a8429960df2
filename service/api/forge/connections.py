"""Connections made by hand: a webhook of a repository, group or organization without a GitHub App."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from litestar import Request, get, post, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from schema.contracts.connection import ConnectionList, ConnectionMade, ConnectionShown, NewConnection, NewToken
from schema.database import Database
from schema.encryption import Vault
from schema.errors import BadInputError, NotFoundError
from schema.identifiers import DEFAULT_HOSTS
from schema.settings import Settings
from service.api.forge.repairs import repair_shown
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.names import ConnectionName, parse_connection_name, webhook_url
from service.queries.forge.repairs import read_repairs
from service.webhooks.signatures import SIGNING_TOKEN_PREFIX

SECRET_BYTES = 32
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

_INSERT = """
    INSERT INTO connection (organization_id, connection_id, forge, host, sealed_secret, base_url, sealed_token)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_SEAL = """
    UPDATE connection SET sealed_token = $3
    WHERE organization_id = $1 AND connection_id = $2 AND state <> 'deleted' RETURNING true
"""

# What was refused to the token before is tried with this one.
_CHECK_ANEW = """
    UPDATE repair_check SET next_attempt_at = now(), placed_at = NULL
    WHERE organization_id = $1 AND subject_id = $2 AND failure IS NOT NULL
"""

_LOOK_ANEW = """
    UPDATE team_sync SET next_attempt_at = now(), attempts = 0
    WHERE organization_id = $1 AND connection_id = $2 AND failure IS NOT NULL
"""

_LIST = """
    SELECT connection_id, forge, host, installation_id, registration_id, state, created_at, last_delivery_at,
           sealed_token IS NOT NULL AS has_token, summaries, summaries_failure,
           EXISTS (SELECT FROM team_sync WHERE team_sync.organization_id = $1
                     AND team_sync.connection_id = connection.connection_id AND enabled) AS team_sync
    FROM connection WHERE organization_id = $1 ORDER BY created_at, connection_id
"""


@post("/api/v1/connections", guards=[requires("admin")], summary="Make a connection by hand", tags=["connections"])
async def make_connection(
    request: Request[Any, Any, State],
    data: JSONBody[NewConnection],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> ConnectionMade:
    """The webhook URL and the secret to enter at the forge; the secret is made up unless one is sent."""
    host = forge_host(data.forge, data.base_url)
    secret = chosen_secret(data.forge, data.secret)
    name = ConnectionName(caller.organization_id, uuid4())
    sealed = Vault(settings.secret_key.get_secret_value(), "secret").seal(caller.organization_id, secret.encode())
    token = sealed_token(settings, caller.organization_id, data.token)
    async with database.organization(caller.organization_id) as tenant:
        await tenant.execute(_INSERT, name.connection_id, data.forge, host, sealed, forge_base(data.base_url), token)
    url = webhook_url(public_base(request, settings), data.forge, name)
    return ConnectionMade(id=str(name), forge=data.forge, host=host, webhook_url=url, secret=secret)


@put(
    "/api/v1/connections/{connection_id:str}/token",
    guards=[requires("admin")],
    status_code=204,
    summary="Give a connection an access token",
    tags=["connections"],
)
async def set_token(
    data: JSONBody[NewToken],
    connection_id: FromPath[str],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> None:
    """Kept sealed and never shown; null takes it away."""
    name = parse_connection_name(connection_id)
    token = sealed_token(settings, caller.organization_id, data.token)
    async with database.organization(caller.organization_id) as tenant:
        is_set = name.organization_id == caller.organization_id and await tenant.fetchval(
            _SEAL, name.connection_id, token
        )
        await tenant.execute(_CHECK_ANEW, name.connection_id)
        await tenant.execute(_LOOK_ANEW, name.connection_id)
    if not is_set:
        raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")


@get("/api/v1/connections", guards=[requires("read")], summary="All connections", tags=["connections"])
async def list_connections(
    request: Request[Any, Any, State],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> ConnectionList:
    """Every connection of the organization and when it last delivered; secrets are never shown."""
    async with database.organization(caller.organization_id) as tenant:
        rows = await tenant.fetch(_LIST)
        repairs = await read_repairs(tenant)
    base = public_base(request, settings)
    return ConnectionList([_shown(caller.organization_id, base, row, repairs) for row in rows])


@get(
    "/api/v1/connections/{connection_id:str}",
    guards=[requires("read")],
    summary="One connection",
    tags=["connections"],
)
async def show_connection(
    request: Request[Any, Any, State],
    connection_id: FromPath[str],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> ConnectionShown:
    """One connection, and how the checks for what its webhooks missed fare."""
    name = parse_connection_name(connection_id)
    async with database.organization(caller.organization_id) as tenant:
        rows = await tenant.fetch(_LIST)
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
    shown = {key: row[key] for key in SHOWN}
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


def forge_host(forge: str, base_url: str | None) -> str:
    """The forge's host, by its base URL or by default; raises BadInputError."""
    if forge not in DEFAULT_HOSTS:
        raise BadInputError("must be github or gitlab", field="forge")
    if base_url is None:
        return DEFAULT_HOSTS[forge]
    try:
        parts = urlsplit(base_url if "://" in base_url else f"https://{base_url}")
        host = parts.hostname if parts.scheme in {"http", "https"} else None
    except ValueError:
        host = None
    if not host:
        raise BadInputError("must be a web address, for example https://gitlab.example.com", field="base_url")
    return host.lower()


def forge_base(base_url: str | None) -> str | None:
    """Scheme, host, port and path of a forge of one's own that `forge_host` accepted; credentials are dropped."""
    if base_url is None:
        return None
    parts = urlsplit(base_url if "://" in base_url else f"https://{base_url}")
    place = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"


def sealed_token(settings: Settings, organization_id: int, token: str | None) -> bytes | None:
    """The access token, to be read by workers only; raises BadInputError for one that no header can carry."""
    if token is None:
        return None
    if not token.isascii() or not token.isprintable() or not token.strip():
        raise BadInputError("must be an access token; copy it from the forge unchanged", field="token")
    vault = Vault(settings.secret_key.get_secret_value(), "token")
    return vault.seal(organization_id, token.strip().encode())


def chosen_secret(forge: str, reported: str | None) -> str:
    """The secret that was sent, or a new one; GitLab takes signing tokens only in the form `whsec_<base64>`.

    Raises BadInputError for an empty one, which would let anybody in.
    """
    if reported is not None:
        if not reported.strip():
            raise BadInputError("must not be empty; leave it out to have a secret created", field="secret")
        return reported
    if forge == "gitlab":
        return SIGNING_TOKEN_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return secrets.token_urlsafe(SECRET_BYTES)


def public_base(request: Request[Any, Any, State], settings: Settings) -> str:
    """How the service is reached from outside: as set, or as this request reached it."""
    return (settings.public_url or str(request.base_url)).rstrip("/")


ROUTES = [make_connection, list_connections, show_connection, set_token]
