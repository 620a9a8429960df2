"""Request bodies: read whole or in chunks, plain or compressed, never larger than a limit once inflated."""

import zlib
from typing import Any

from isal import isal_zlib
from isal.igzip_lib import IsalError
from litestar import Request

from schema.errors import BadInputError, TooLargeError, UnsupportedMediaTypeError

# zlib's window for each content encoding; "deflate" means the zlib format (RFC 9110 §8.4.1.2).
WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
PLAIN = {"", "identity"}
# A gzip body may be several members one after another; thousands of empty ones only keep the reader busy.
MEMBERS = 64


async def read_body(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The body as sent, still compressed. Raises TooLargeError as soon as it is known to be over `limit` bytes."""
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


def inflate(body: bytes, content_encoding: str, limit: int) -> bytes:
    """The body without its content encoding, at most `limit` bytes; no more than that is ever inflated.

    Raises UnsupportedMediaTypeError for other encodings than gzip and deflate, TooLargeError, and BadInputError when
    the compressed data is broken off or no such data.
    """
    encoding = content_encoding.strip().lower()
    if encoding in PLAIN:
        return body
    if encoding not in WINDOWS:
        raise UnsupportedMediaTypeError("the content encoding is not supported; send gzip, deflate or identity")
    parts: list[bytes] = []
    size = 0
    for _ in range(MEMBERS):
        stream = isal_zlib.decompressobj(WINDOWS[encoding])
        try:
            part = stream.decompress(body, limit + 1 - size)
        except IsalError as error:  # type: ignore[misc] # its stub takes the class for an instance
            raise BadInputError(f"the body is not valid {encoding} data") from error
        parts.append(part)
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        if not stream.eof:
            raise BadInputError(f"the {encoding} data ends too early")
        if not (body := stream.unused_data):
            return b"".join(parts)
    raise BadInputError(f"the body has more than {MEMBERS} {encoding} members; send one")


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body is over {limit} bytes; send smaller batches")
