"""Which team a caller's question is about: the one it names, or the one that its key is pinned to."""

from schema.database import Tenant
from schema.errors import ForbiddenError
from service.auth.caller import Caller
from service.queries.teams.teams import find_team


async def visible_team(tenant: Tenant, caller: Caller, name: str | None) -> int | None:
    """The team to look at, None for all of them.

    Raises NotFoundError for an unknown team, and ForbiddenError for another than the one a key is pinned to.
    """
    team_id = await find_team(tenant, name) if name else None
    if caller.team_id is None or caller.team_id == team_id:
        return team_id
    if team_id is None:
        return caller.team_id
    raise ForbiddenError("is not the team that this API key is pinned to; use a key without a team", field="team")


async def pinned_team(tenant: Tenant, caller: Caller) -> str | None:
    """The name of the team that a caller's key is pinned to, None for a key that sees all."""
    if caller.team_id is None:
        return None
    name: str | None = await tenant.fetchval(
        "SELECT name FROM team WHERE organization_id = $1 AND team_id = $2", caller.team_id
    )
    return name


def require_whole_organization(caller: Caller) -> None:
    """Raise ForbiddenError for a key that is pinned to a team: a bill is the whole organization's."""
    if caller.team_id is not None:
        raise ForbiddenError("this API key is pinned to a team; bills are the whole organization's, so use another key")
