"""HTML responses: templates rendered with headers that block everything from elsewhere."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from litestar import MediaType, Response
from markupsafe import Markup

from service.dashboard.components.navigation import is_there
from service.dashboard.components.view_bar import Choice
from service.dashboard.numbers.units import count_text, percent_text, usd_text
from service.dashboard.shell.assets import assets_version

PAGES = Path(__file__).parents[1]
# After the folders of a name, and before its number or version.
BREAKS = re.compile("(?<=/)|(?=[@#])")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # With no-referrer, browsers would hide the Origin of our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@cache
def templates() -> Environment:
    """Return the template environment: `spend/page.html` is `service/dashboard/spend/templates/page.html`.

    Unknown names raise an error, all values are escaped.
    """
    folders = {path.parent.name: FileSystemLoader(path) for path in sorted(PAGES.glob("*/templates"))}
    environment = Environment(
        loader=PrefixLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Files of a running installation do not change, and each page would look at a dozen of them.
        auto_reload=False,
    )
    environment.filters |= {"count": count_text, "usd": usd_text, "percent": percent_text, "breakable": breakable}
    environment.globals |= {"assets": f"/assets/{assets_version()}", "is_there": is_there}
    return environment


def breakable(name: str) -> Markup:
    """Return the name of a repository, pull request or release that breaks between its parts, not inside of one."""
    return Markup("<wbr>").join(BREAKS.split(name))


def render(template: str, status: int = 200, **values: Any) -> Response[str]:
    """Render a template as an HTML response."""
    text = templates().get_template(template).render(**values)
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=dict(HEADERS))


def message(status: int, heading: str, *sentences: str, command: str = "", back: Choice | None = None) -> Response[str]:
    """Render a short page with a heading, sentences, and an optional command and way back."""
    return render("shell/message.html", status, heading=heading, sentences=sentences, command=command, back=back)
