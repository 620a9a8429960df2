"""Reading a request body within its limit, whether or not its length was announced."""

from typing import Any

from litestar import Request
from litestar.datastructures import State

from schema.errors import TooLargeError


async def read_body(request: Request[Any, Any, State], limit: int) -> bytes:
    """The raw bytes of a request; raises TooLargeError as soon as they are known to exceed `limit`."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body exceeds {limit} bytes")
