"""Forms about API keys and shared links."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from schema.database import Database
from schema.errors import BadInputError
from schema.settings import Settings
from service.api.access.shared_links import end_shared_link
from service.api.teams.keys import end_key, make_described_key
from service.auth.caller import KnownKeys
from service.auth.roles import Role
from service.auth.viewer import require_viewer
from service.contracts.key import KeyIn
from service.dashboard.administration.forms import done
from service.dashboard.administration.page import LIFETIMES
from service.dashboard.numbers.days import full_day_text
from service.dashboard.shell.forms import convert_fields, read_fields
from service.dashboard.shell.frame import Crumb
from service.dashboard.shell.opening import PageRequest, open_page


@post("/administration/keys", summary="Create an API key", status_code=201)
async def create_key_here(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Create a key, and show its text in the answer itself: it is stored nowhere, so no later page could."""
    viewer = require_viewer(request, Role.ADMIN)
    data = read_key(await read_fields(request, several=("scopes",)), datetime.now(UTC))
    async with open_page(request, settings, database, path="/administration", role=Role.ADMIN) as opened:
        made = await make_described_key(opened.tenant, data, viewer.role)
        until = f"until {full_day_text(made.expires_at.date())}" if made.expires_at else "until it is revoked"
        scopes = ", ".join(made.scopes)
        frame = opened.frame("New API key", crumbs=[Crumb("Administration", "/administration")])
        page = {"name": made.name, "key": made.key, "says": f"Scopes: {scopes}. It works {until}."}
        answer = opened.show("administration/key.html", frame, page)
    answer.status_code = 201
    return answer


def read_key(values: dict[str, Any], now: datetime) -> KeyIn:
    """Return the key that a form describes; raises BadInputError."""
    days = values.pop("days", "90")
    if days not in LIFETIMES:
        raise BadInputError(f"must be one of {', '.join(LIFETIMES)}", field="days")
    expires_at = None if days == "never" else now.replace(microsecond=0) + timedelta(days=int(days))
    return convert_fields({**values, "expires_at": expires_at}, KeyIn)


@post("/administration/keys/{key_id:uuid}/revoke", summary="Revoke an API key", status_code=303)
async def revoke_key_here(
    request: PageRequest, key_id: FromPath[UUID], database: NamedDependency[Database]
) -> Redirect:
    """Revoke a key; other processes of the service accept it for 5 seconds more."""
    viewer = require_viewer(request, Role.ADMIN)
    async with database.organization(viewer.organization_id) as tenant:
        digest = await end_key(tenant, key_id, viewer.role)
    known_keys: KnownKeys = request.app.state.known_keys
    known_keys.forget(digest)
    return done("key-revoked", "keys")


@post("/administration/shared-links/{link_id:uuid}/revoke", summary="Revoke a shared link", status_code=303)
async def revoke_link_here(
    request: PageRequest, link_id: FromPath[UUID], database: NamedDependency[Database]
) -> Redirect:
    """Revoke a shared link, also for who opened it."""
    viewer = require_viewer(request, Role.ADMIN)
    async with database.organization(viewer.organization_id) as tenant:
        await end_shared_link(tenant, link_id)
    return done("link-revoked", "shared-links")


ROUTES = [create_key_here, revoke_key_here, revoke_link_here]
