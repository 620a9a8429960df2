"""Keyset pagination: opaque cursors, so that every page costs the same."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from litestar.params import QueryParameter

from schema.errors import BadInputError

DEFAULT_LIMIT = 50
MAXIMUM_LIMIT = 200

Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=MAXIMUM_LIMIT, description="Items per page")]
Cursor: TypeAlias = Annotated[
    str | None, QueryParameter(max_length=1000, description="`next_cursor` of the previous page")
]

Row = TypeVar("Row")


def encode_cursor(*keys: Any) -> str:
    """Encode the keys of a page's last row as an opaque cursor."""
    return urlsafe_b64encode(msgspec.json.encode(keys)).decode().rstrip("=")


def decode_cursor(text: str, shape: Any) -> Any:
    """Decode a cursor to a tuple of type `shape`; raises BadInputError if the cursor belongs to another list."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(raw, type=shape)
    except (BadBase64, ValueError, msgspec.MsgspecError) as error:
        raise BadInputError(
            "does not belong to this list; leave it out to start at the first page", field="cursor"
        ) from error


def read_cursor(text: str | None, shape: Any) -> Any:
    """Decode a cursor to a tuple of type `shape`; None on the first page. Raises BadInputError."""
    return decode_cursor(text, shape) if text else None


def instant_cursor(text: str | None) -> tuple[datetime | None, bytes | None]:
    """Decode a cursor of a time and an artifact id; `(None, None)` on the first page."""
    return decode_cursor(text, tuple[datetime, bytes]) if text else (None, None)


def cut(rows: Sequence[Row], limit: int, keys: Callable[[Row], tuple[Any, ...]]) -> tuple[Sequence[Row], str | None]:
    """Return the first `limit` rows and the cursor of the next page, if any; read `limit + 1` rows to find out."""
    page = rows[:limit]
    return page, encode_cursor(*keys(page[-1])) if len(rows) > limit else None
