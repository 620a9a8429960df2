"""/api/v1/keys: create, list and revoke API keys."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError, NotFoundError
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, decode_cursor
from service.audit.acts import note_made
from service.auth.api_keys import create_key, list_keys, revoke_key
from service.auth.caller import Caller, KnownKeys
from service.auth.grants import require_grant, role_of
from service.auth.guards import requires
from service.auth.key_text import Scope
from service.auth.roles import Role
from service.contracts.key import KeyIn, KeyList, KeyMade, KeyShown
from service.queries.teams.teams import find_team


@get("/api/v1/keys", guards=[requires("admin")], summary="List API keys", tags=["administration"])
async def show_keys(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> KeyList:
    """List API keys, including revoked ones. The text of a key is never shown again."""
    after = decode_cursor(cursor, tuple[UUID])[0] if cursor else None
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_keys(tenant, after=after, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["key_id"],))
    return KeyList(items=[KeyShown(**key_fields(row)) for row in page], next_cursor=next_cursor)


@post("/api/v1/keys", guards=[requires("admin")], summary="Create an API key", tags=["administration"])
async def make_key(
    data: JSONBody[KeyIn], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> KeyMade:
    """Create a key with the given scopes, none above those of the caller's key.

    The response is the only time its text is shown.
    """
    async with database.organization(caller.organization_id) as tenant:
        return await make_described_key(tenant, data, caller.role)


async def make_described_key(tenant: Tenant, data: KeyIn, held: Role | None) -> KeyMade:
    """Create a key as described, for somebody who holds a role.

    Raises BadInputError, NotFoundError for an unknown team, and ForbiddenError for a scope above the role.
    """
    require_grant(held, role_of(data.scopes), "scopes")
    for scope in (Scope.ADMIN, Scope.OWNER):
        if data.team is not None and scope in data.scopes:
            raise BadInputError(f"cannot be set on a key with the scope {scope}; leave out one of both", field="team")
    if data.expires_at is not None and data.expires_at <= datetime.now(UTC):
        raise BadInputError("must be in the future", field="expires_at")
    team_id = await find_team(tenant, data.team) if data.team else None
    scopes = {Scope(scope) for scope in data.scopes}
    key_id, text = await create_key(tenant, name=data.name, scopes=scopes, team_id=team_id, expires_at=data.expires_at)
    note_made(key_id)
    rows = await list_keys(tenant, key_id=key_id)
    return KeyMade(**key_fields(rows[0]), key=text)


@delete("/api/v1/keys/{key_id:uuid}", guards=[requires("admin")], summary="Revoke an API key", tags=["administration"])
async def drop_key(
    key_id: Annotated[UUID, PathParameter(description="Id of an API key")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    state: State,
) -> None:
    """Revoke a key. Other processes of the service may accept it for 5 more seconds."""
    async with database.organization(caller.organization_id) as tenant:
        digest = await end_key(tenant, key_id, caller.role)
    known_keys: KnownKeys = state.known_keys
    known_keys.forget(digest)


async def end_key(tenant: Tenant, key_id: UUID, held: Role | None) -> bytes:
    """Revoke a key, for somebody who holds a role; returns its digest, which caches must forget.

    Raises NotFoundError, and ForbiddenError for a key above the role.
    """
    for row in await list_keys(tenant, key_id=key_id):
        require_grant(held, role_of(row["scopes"]))
    digest = await revoke_key(tenant, key_id)
    if digest is None:
        raise NotFoundError("no key has this id; list them with GET /api/v1/keys", field="key_id")
    return digest


def key_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of KeyShown."""
    names = ("name", "scopes", "team", "created_at", "revoked_at", "expires_at", "last_used_at")
    shown = {name: row[name] for name in names}
    return {"id": row["key_id"], **shown}


ROUTES = [show_keys, make_key, drop_key]
