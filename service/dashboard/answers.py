"""HTML responses: templates rendered with security headers that block external content."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {".css": MediaType.CSS, ".svg": "image/svg+xml"}

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
ASSET_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file that pages link to."""

    content: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Load all assets, keyed by file name."""
    return {
        path.name: Asset(path.read_bytes(), MEDIA_TYPES[path.suffix])
        for path in sorted(STATIC.iterdir())
        if path.suffix in MEDIA_TYPES
    }


@cache
def assets_version() -> str:
    """Return a hash of all assets; browsers cache assets forever under this version."""
    digest = hashlib.sha256()
    for asset in assets().values():
        digest.update(asset.content)
    return digest.hexdigest()[:12]


@cache
def templates() -> Environment:
    """Return the template environment: unknown names raise an error, all values are escaped."""
    return Environment(
        loader=PackageLoader("service.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, status: int = 200, **values: Any) -> Response[str]:
    """Render a template as an HTML response."""
    text = templates().get_template(template).render(assets_version=assets_version(), **values)
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=HEADERS)


def message(status: int, heading: str, *sentences: str, command: str = "") -> Response[str]:
    """Render a short page with a heading, sentences and an optional command."""
    return render("message.html", status, heading=heading, sentences=sentences, command=command)
