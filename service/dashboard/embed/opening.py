"""Opening a shared view by its token alone, without a session: frames and pictures on other sites send no cookie."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from schema.settings import Settings
from service.auth.roles import Role
from service.auth.shared_links import find_shared_link, view_vault
from service.auth.tokens import token_organization
from service.auth.viewer import Viewer
from service.dashboard.overview.routes import PARAMETERS
from service.dashboard.shell.opening import Opened, PageRequest, open_view
from service.dashboard.view.view import read_view

NO_LINK = "this link does not exist, was revoked, or has expired; ask for another one"
OVERVIEW = "/"


@asynccontextmanager
async def open_embedded(
    request: PageRequest, settings: Settings, database: Database, token: str
) -> AsyncIterator[Opened]:
    """Open the overview that a shared link shows.

    Raises NotFoundError for a link that is not valid (any more), and BadInputError for one to another page.
    """
    organization_id = token_organization(token)
    if organization_id is None:
        raise NotFoundError(NO_LINK)
    async with database.organization(organization_id) as tenant:
        link = await find_shared_link(tenant, token)
    if link is None:
        raise NotFoundError(NO_LINK)
    address = view_vault(settings).open(organization_id, link["sealed_view"]).decode()
    path, _, query = address.partition("?")
    if path != OVERVIEW:
        raise BadInputError("only the overview can be embedded; share a view such as /?period=4w")
    actor = f"shared link {link['link_id']}"
    viewer = Viewer(organization_id, Role.VIEWER, "", actor, team_id=link["team_id"], view=address)
    view = read_view(path, parse_qsl(query, keep_blank_values=True), PARAMETERS, datetime.now(UTC).date())
    async with open_view(request, settings, database, viewer, view, with_calibrations=True) as opened:
        yield opened
