"""/api/v1/keys: made, listed and revoked."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, decode_cursor
from service.auth.api_keys import create_key, list_keys, revoke_key
from service.auth.caller import Caller, KnownKeys
from service.auth.guards import requires
from service.auth.key_text import Scope
from service.contracts.key import KeyIn, KeyList, KeyMade, KeyShown
from service.queries.teams.teams import find_team


@get("/api/v1/keys", guards=[requires("admin")], summary="All API keys", tags=["administration"])
async def show_keys(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> KeyList:
    """Keys, revoked ones too; their text is never shown again."""
    after = decode_cursor(cursor, tuple[UUID])[0] if cursor else None
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_keys(tenant, after=after, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["key_id"],))
    return KeyList(items=[KeyShown(**key_fields(row)) for row in page], next_cursor=next_cursor)


@post("/api/v1/keys", guards=[requires("admin")], summary="Make an API key", tags=["administration"])
async def make_key(
    data: JSONBody[KeyIn], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> KeyMade:
    """A key with the scopes that are asked for; the text in the answer is shown this once."""
    if data.team is not None and Scope.ADMIN in data.scopes:
        raise BadInputError("cannot be set on a key that may do everything; leave out team or admin", field="team")
    async with database.organization(caller.organization_id) as tenant:
        team_id = await find_team(tenant, data.team) if data.team else None
        scopes = {Scope(scope) for scope in data.scopes}
        key_id, text = await create_key(tenant, name=data.name, scopes=scopes, team_id=team_id)
        rows = await list_keys(tenant, key_id=key_id)
    return KeyMade(**key_fields(rows[0]), key=text)


@delete("/api/v1/keys/{key_id:uuid}", guards=[requires("admin")], summary="Revoke an API key", tags=["administration"])
async def drop_key(
    key_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database], state: State
) -> None:
    """Let a key open nothing any more: here at once, in other processes within 5 seconds."""
    async with database.organization(caller.organization_id) as tenant:
        digest = await revoke_key(tenant, key_id)
    if digest is None:
        raise NotFoundError("no key has this id; list them with GET /api/v1/keys", field="key_id")
    known_keys: KnownKeys = state.known_keys
    known_keys.forget(digest)


def key_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a key shows."""
    shown = {name: row[name] for name in ("name", "scopes", "team", "created_at", "revoked_at")}
    return {"id": row["key_id"], **shown}


ROUTES = [show_keys, make_key, drop_key]
