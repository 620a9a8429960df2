"""Files that pages link to, all from this folder: style sheet, scripts, icon and font."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
STYLES = STATIC / "css"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
ASSET_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file."""

    content: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Load all assets, keyed by file name; the style sheet is one file of several parts."""
    found = {
        path.name: Asset(path.read_bytes(), MEDIA_TYPES[path.suffix])
        for path in sorted(STATIC.iterdir())
        if path.suffix in MEDIA_TYPES
    }
    style = b"\n".join(path.read_bytes() for path in sorted(STYLES.iterdir()))
    return {**found, "page.css": Asset(style, MEDIA_TYPES[".css"])}


@cache
def assets_version() -> str:
    """Return a hash of all assets; browsers cache assets forever under this version."""
    digest = hashlib.sha256()
    for asset in assets().values():
        digest.update(asset.content)
    return digest.hexdigest()[:12]
