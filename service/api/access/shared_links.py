"""/api/v1/shared-links: read-only links to one view."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from schema.database import Database, Tenant
from schema.encryption import Vault
from schema.errors import NotFoundError
from schema.settings import Settings
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.audit.acts import note_made
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.sessions.store import end_sessions_of_link
from service.auth.shared_links import create_shared_link, list_shared_links, revoke_shared_link, view_vault
from service.auth.views import read_view
from service.auth.visible_team import require_whole_organization
from service.connections.public_address import public_base
from service.contracts.access.links import SharedLinkIn, SharedLinkList, SharedLinkMade, SharedLinkShown
from service.queries.teams.teams import find_team


@get("/api/v1/shared-links", guards=[requires("admin")], summary="List shared links", tags=["access"])
async def show_shared_links(
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> SharedLinkList:
    """List links that share a view, how often each was opened, and which are revoked."""
    require_whole_organization(caller)
    after = read_cursor(cursor, tuple[UUID])
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_shared_links(tenant, after=after[0] if after else None, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["link_id"],))
    vault = view_vault(settings)
    items = [SharedLinkShown(**link_fields(vault, caller.organization_id, row)) for row in page]
    return SharedLinkList(items=items, next_cursor=next_cursor)


@post("/api/v1/shared-links", guards=[requires("admin")], summary="Share a view", tags=["access"])
async def make_shared_link(
    data: JSONBody[SharedLinkIn],
    request: Request[Any, Caller, State],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> SharedLinkMade:
    """Create a read-only link to one view, for people without a role. The response is the only time it is shown."""
    require_whole_organization(caller)
    base, vault = public_base(request, settings), view_vault(settings)
    sealed = vault.seal(caller.organization_id, read_view(data.view).encode())
    async with database.organization(caller.organization_id) as tenant:
        team_id = await find_team(tenant, data.team) if data.team else None
        link_id, token = await create_shared_link(
            tenant,
            sealed_view=sealed,
            team_id=team_id,
            created_by=caller.actor,
            lifetime=timedelta(seconds=data.expires_in),
        )
        note_made(link_id)
        (row,) = await list_shared_links(tenant, link_id=link_id)
    return SharedLinkMade(**link_fields(vault, caller.organization_id, row), url=f"{base}/shared/{token}")


@delete(
    "/api/v1/shared-links/{link_id:uuid}", guards=[requires("admin")], summary="Revoke a shared link", tags=["access"]
)
async def drop_shared_link(
    link_id: Annotated[UUID, PathParameter(description="Id of a shared link")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Revoke a link. Browsers that opened it no longer see the view."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        await end_shared_link(tenant, link_id)


async def end_shared_link(tenant: Tenant, link_id: UUID) -> None:
    """Revoke a link, also for browsers that opened it; raises NotFoundError."""
    is_known = await revoke_shared_link(tenant, link_id)
    await end_sessions_of_link(tenant, link_id)
    if not is_known:
        raise NotFoundError("must be an existing link; list them with GET /api/v1/shared-links", field="link_id")


def link_fields(vault: Vault, organization_id: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of SharedLinkShown."""
    names = ("team", "created_by", "created_at", "expires_at", "revoked_at", "times_opened", "opened_at")
    view = vault.open(organization_id, row["sealed_view"]).decode()
    return {"id": row["link_id"], "view": view, **{name: row[name] for name in names}}


ROUTES = [show_shared_links, make_shared_link, drop_shared_link]
