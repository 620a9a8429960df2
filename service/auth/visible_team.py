"""The team that a request may read: the one it names, or the one its key is pinned to."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from schema.database import Database, Tenant
from service.auth.caller import Caller
from service.errors import ForbiddenError
from service.queries.teams.teams import find_team, read_team_name

Rows = TypeVar("Rows")


async def visible_team(tenant: Tenant, caller: Caller, name: str | None) -> int | None:
    """Return the id of the team to read, None for all teams.

    Raises NotFoundError for an unknown team, and ForbiddenError if the key is pinned to another team.
    """
    team_id = await find_team(tenant, name) if name else None
    if caller.team_id is None or caller.team_id == team_id:
        return team_id
    if team_id is None:
        return caller.team_id
    raise ForbiddenError("this API key is pinned to another team; use a key without a team", field="team")


async def pinned_team(tenant: Tenant, caller: Caller) -> str | None:
    """Return the name of the team that the caller's key is pinned to, None for a key without a team."""
    if caller.team_id is None:
        return None
    return await read_team_name(tenant, caller.team_id)


def require_whole_organization(caller: Caller) -> None:
    """Raise ForbiddenError for a key that is pinned to a team."""
    if caller.team_id is not None:
        raise ForbiddenError(
            "this API key is pinned to a team, but this covers the whole organization; use a key without a team"
        )


async def read_whole(caller: Caller, database: Database, read: Callable[[Tenant], Awaitable[Rows]]) -> Rows:
    """Return what covers the whole organization; raises ForbiddenError for a key that is pinned to a team."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        return await read(tenant)
