"""Raw request bodies within a limit, with or without a Content-Length header."""

from collections.abc import Mapping

from litestar.types import Receive

from schema.errors import BadInputError
from service.errors import TooLargeError


async def read_pieces(receive: Receive, headers: Mapping[str, str], limit: int) -> list[bytes]:
    """Read the raw body of a request in pieces; raises TooLargeError as soon as it exceeds `limit` bytes.

    Raises BadInputError if the client disconnects before the end.
    """
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    chunks, size, is_whole = [], 0, False
    while not is_whole:
        message = await receive()
        if message["type"] != "http.request":
            raise BadInputError("the request ended before its body was complete")
        size += len(message["body"])
        if size > limit:
            raise _too_large(limit)
        chunks.append(message["body"])
        is_whole = not message["more_body"]
    return chunks


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body exceeds {limit} bytes")
