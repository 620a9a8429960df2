"""Routes of what other pages embed, by the token of a shared link."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from schema.settings import Settings
from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.figures import Trust
from service.dashboard.embed.badge import FIGURES, build_badge
from service.dashboard.embed.opening import open_embedded
from service.dashboard.overview.page import OverviewPage, build_overview
from service.dashboard.overview.reading import read_overview
from service.dashboard.shell.answers import HEADERS, render
from service.dashboard.shell.frame import silent_since
from service.dashboard.shell.opening import Opened, PageRequest

SUFFIX = ".svg"
# Any site may show them: they hold no form and send no cookie, and who knows the link sees the view anyway.
POLICY = HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors *")
FRAME_HEADERS = {
    **{name: value for name, value in HEADERS.items() if name not in {"X-Frame-Options", "Cross-Origin-Opener-Policy"}},
    "Content-Security-Policy": POLICY,
    # The address holds the token.
    "Referrer-Policy": "no-referrer",
}
# Forges and chats fetch a picture again for each reader.
BADGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300",
}


@get("/badge/{name:str}", summary="Badge of a shared view")
async def show_badge(
    request: PageRequest, name: FromPath[str], settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[str]:
    """Show one figure of a shared view as a picture: `/badge/{token}.svg?figure=cost`."""
    if not name.endswith(SUFFIX):
        raise NotFoundError("the address of a badge ends in .svg")
    asked = _asked_figure(request)
    async with open_embedded(request, settings, database, name.removesuffix(SUFFIX)) as opened:
        page = await _overview(opened)
        title, label = FIGURES[asked]
        figure = next(each for each in page.strip if each.name == title)
        picture = build_badge(figure, label, opened.view.period.name)
    return Response(picture, media_type="image/svg+xml", headers=BADGE_HEADERS)


@get("/embed/{token:str}", summary="A shared view in a frame")
async def show_embedded(
    request: PageRequest, token: FromPath[str], settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show the overview of a shared view without navigation, for a frame on any site."""
    async with open_embedded(request, settings, database, token) as opened:
        page = await _overview(opened)
        answer = render("embed/embedded.html", page=page, view=opened.view)
    # `render` sets the headers of pages that are never framed.
    return Response(answer.content, media_type=answer.media_type, headers=FRAME_HEADERS)


def _asked_figure(request: PageRequest) -> str:
    given = dict(request.query_params.multi_items())
    asked = str(given.pop("figure", "cost"))
    if given or asked not in FIGURES:
        raise BadInputError(f"must be one of {', '.join(FIGURES)}, and the only parameter", field="figure")
    return asked


async def _overview(opened: Opened) -> OverviewPage:
    silent = silent_since(opened.freshness, opened.now)
    not_compared = why_not_compared(opened.view, opened.freshness, silent)
    facts = await read_overview(opened, is_compared=not not_compared)
    frame = opened.frame("Overview")
    return build_overview(opened.view, facts, Trust("", frame.heard, dot=frame.heard_mark), not_compared, silent)


ROUTES = [show_badge, show_embedded]
