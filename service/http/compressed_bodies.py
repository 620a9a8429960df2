"""Request bodies, plain or compressed, within a limit before and after decompression."""

import zlib
from typing import Any

from isal import isal_zlib
from isal.igzip_lib import IsalError
from litestar import Request

from schema.errors import BadInputError
from service.errors import TooLargeError, UnsupportedMediaTypeError

# zlib's window for each content encoding; "deflate" means the zlib format (RFC 9110 §8.4.1.2).
WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
PLAIN = {"", "identity"}
# A gzip body may have several members; thousands of empty ones would only cost time.
MEMBERS = 64
# Up to this size the ratio does not matter: small bodies that repeat themselves compress very well.
ANY_RATIO = 4 * 1024 * 1024


async def read_body(request: Request[Any, Any, Any], limit: int) -> bytes:
    """Read the body as sent, still compressed; raises TooLargeError as soon as it exceeds `limit` bytes."""
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def inflate(body: bytes, content_encoding: str, limit: int, ratio: int | None = None) -> bytes:
    """Decompress a body to at most `limit` bytes, and at most `ratio` times its size beyond ANY_RATIO bytes.

    Raises UnsupportedMediaTypeError for encodings other than gzip and deflate, TooLargeError beyond a limit, and
    BadInputError if the data is invalid or incomplete.
    """
    encoding = content_encoding.strip().lower()
    if encoding in PLAIN:
        return body
    if encoding not in WINDOWS:
        raise UnsupportedMediaTypeError("the content encoding is not supported; send gzip, deflate or identity")
    allowed = limit if ratio is None else min(limit, max(ANY_RATIO, ratio * len(body)))
    parts: list[bytes] = []
    size = 0
    for _ in range(MEMBERS):
        stream = isal_zlib.decompressobj(WINDOWS[encoding])
        try:
            part = stream.decompress(body, allowed + 1 - size)
        except IsalError as error:  # type: ignore[misc] # its stub takes the class for an instance
            raise BadInputError(f"the body is not valid {encoding} data") from error
        parts.append(part)
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        if size > allowed:
            raise TooLargeError(f"the body decompresses to more than {ratio} times its size; send it uncompressed")
        if not stream.eof:
            raise BadInputError(f"the {encoding} data is incomplete")
        if not (body := stream.unused_data):
            return b"".join(parts)
    raise BadInputError(f"the body has more than {MEMBERS} {encoding} members; send one")


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body exceeds {limit} bytes; send smaller batches")
