"""GET /schema/docs: Swagger UI from this server, so that the API can be browsed offline."""

import gzip
from functools import cache
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.params import FromPath

from schema.errors import NotFoundError

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".txt": "text/plain"}
# Swagger UI draws its icons as data: images, and tries requests on this server alone.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>API · Shipledger</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/schema/docs/swagger-ui.css">
<link rel="stylesheet" href="/schema/docs/reference.css">
<script src="/schema/docs/swagger-ui-bundle.js" defer></script>
<script src="/schema/docs/start.js" defer></script>
</head>
<body>
<div id="reference"></div>
<noscript>This page needs JavaScript. The same description as JSON: <a href="/schema">/schema</a>.</noscript>
</body>
</html>
"""


@get("/schema/docs", include_in_schema=False, sync_to_thread=False)
def show_reference() -> Response[str]:
    """Show every endpoint, with its parameters, examples, and a form that tries it."""
    return Response(PAGE, media_type=MediaType.HTML, headers=HEADERS)


@get("/schema/docs/{name:str}", include_in_schema=False, sync_to_thread=False)
def show_file(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """Serve a file of the page, compressed as it is stored."""
    if (stored := files().get(name)) is None:
        raise NotFoundError(f"there is no file named {name}")
    content, is_compressed = stored
    headers = {**HEADERS, "Vary": "Accept-Encoding"}
    if is_compressed and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    elif is_compressed:
        content = gzip.decompress(content)
    return Response(content, media_type=MEDIA_TYPES[Path(name).suffix], headers=headers)


@cache
def files() -> dict[str, tuple[bytes, bool]]:
    """Return each file by name, and whether it is compressed."""
    return {path.name.removesuffix(".gz"): (path.read_bytes(), path.suffix == ".gz") for path in STATIC.iterdir()}


ROUTES = [show_reference, show_file]
