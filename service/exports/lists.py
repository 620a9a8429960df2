"""`format=csv|parquet` on every list: the pages of its own endpoint, one after another, as one file.

The endpoint is called as by a client, so that a file holds exactly what the pages hold, by the same rules.
"""

from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple, cast, get_args
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg

from schema.errors import BadInputError
from service.exports.columns import Column, columns_of, values_of
from service.exports.csv_lines import csv_lines
from service.exports.formats import Format, download
from service.exports.parquet import ParquetFile, require_parquet
from service.http.query_parameters import query_fields, refuse_unknown_parameters

# An export always holds every row.
PAGE_PARAMETERS = ("cursor", "limit")
KNOWN_HANDLERS = 1_000
# What a page's request has in common with the request for the file.
PASSED_ON = {
    *(
        "type",
        "asgi",
        "http_version",
        "method",
        "scheme",
        "server",
        "client",
        "headers",
        "path",
        "raw_path",
        "root_path",
    )
}


class Page(NamedTuple):
    """The items of a page, and the cursor of the next page."""

    items: list[Mapping[str, Any]]
    next_cursor: str | None


async def check_query(request: Request[Any, Any, State]) -> Response[Any] | None:
    """Check the query parameters of a request; answer it if it wants a list as a file. Raises BadInputError."""
    if not request.scope["query_string"]:
        return None
    handler = request.scope["route_handler"]
    if not isinstance(handler, HTTPRouteHandler):
        return None
    item = item_of(handler)
    refuse_unknown_parameters(request, ("format",) if item else ())
    if item is None or (wanted := request.query_params.get("format")) is None:
        return None
    if wanted not in set(Format):
        raise BadInputError(f"must be one of {', '.join(Format)}", field="format")
    if wanted == Format.JSON:
        return None
    if given := [name for name in PAGE_PARAMETERS if name in request.query_params]:
        raise BadInputError("does not apply to a file, which holds every row; leave it out", field=given[0])
    if wanted == Format.PARQUET:
        require_parquet()
    return await _export(request, handler, columns_of(item), Format(wanted))


@lru_cache(KNOWN_HANDLERS)
def item_of(handler: HTTPRouteHandler) -> type[msgspec.Struct] | None:
    """Return the type of the items that a handler lists; None if it does not answer with a list."""
    if HttpMethod.GET not in handler.http_methods:
        return None
    annotation = handler.parsed_fn_signature.return_type.annotation
    for shape in (annotation, *get_args(annotation)):
        if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
            fields = {field.name: field for field in msgspec.structs.fields(shape)}
            if {"items", "next_cursor"} <= set(fields):
                return next((each for each in get_args(fields["items"].type) if isinstance(each, type)), None)
    return None


async def _export(
    request: Request[Any, Any, State], handler: HTTPRouteHandler, columns: tuple[Column, ...], wanted: Format
) -> Response[Any]:
    """Read the first page, so that an error is answered as one, and stream the rest."""
    query = {name: value for name, value in request.query_params.items() if name != "format"}
    if (largest := _largest_page(handler)) is not None:
        query["limit"] = str(largest)
    status, headers, body = await _call(request, query)
    if status != HTTPStatus.OK:
        return Response(body, status_code=status, media_type=headers[b"content-type"].decode())
    pages = _pages(request, query, msgspec.json.decode(body, type=dict[str, Any]))
    name = request.scope["path"].rstrip("/").rsplit("/", 1)[-1]
    chunks = _csv(pages, columns) if wanted is Format.CSV else _parquet(pages, columns)
    return download(name, wanted, chunks)


def _largest_page(handler: HTTPRouteHandler) -> int | None:
    field = query_fields(handler).get("limit")
    limits = field.kwarg_definition if field else None
    return int(limits.le) if isinstance(limits, ParameterKwarg) and limits.le is not None else None


async def _pages(
    request: Request[Any, Any, State], query: dict[str, str], first: Mapping[str, Any]
) -> AsyncIterator[Page]:
    page = Page(first["items"], first["next_cursor"])
    yield page
    while page.next_cursor is not None:
        status, _, body = await _call(request, {**query, "cursor": page.next_cursor})
        if status != HTTPStatus.OK:
            # The response has begun: only breaking it off tells the client that rows are missing.
            raise RuntimeError(f"a page of the export failed with status {status}")
        shown = msgspec.json.decode(body, type=dict[str, Any])
        page = Page(shown["items"], shown["next_cursor"])
        yield page


async def _csv(pages: AsyncIterator[Page], columns: tuple[Column, ...]) -> AsyncIterator[bytes]:
    yield csv_lines([[column.name for column in columns]])
    async for page in pages:
        yield csv_lines(values_of(item, columns) for item in page.items)


async def _parquet(pages: AsyncIterator[Page], columns: tuple[Column, ...]) -> AsyncIterator[bytes]:
    file = ParquetFile(columns)
    async for page in pages:
        yield file.add([values_of(item, columns) for item in page.items])
    yield file.end()


async def _call(request: Request[Any, Any, State], query: Mapping[str, str]) -> tuple[int, dict[bytes, bytes], bytes]:
    """Call the same endpoint with other query parameters; return status, headers and body."""
    scope: dict[str, Any] = {key: value for key, value in request.scope.items() if key in PASSED_ON}
    scope |= {"query_string": urlencode(query).encode(), "state": {}, "extensions": {}}
    status, headers, chunks = 0, {}, []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], dict(message["headers"])
        elif message["type"] == "http.response.body":
            chunks.append(message["body"])

    await request.app(cast("Any", scope), receive, send)
    return status, headers, b"".join(chunks)
