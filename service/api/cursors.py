"""Cursors of lists: opaque to callers, keysets inside, so that a page costs the same wherever it lies."""

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

Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=MAXIMUM_LIMIT, description="items a page")]
Cursor: TypeAlias = Annotated[str | None, QueryParameter(max_length=1000, description="next_cursor of the page before")]

Row = TypeVar("Row")


def encode_cursor(*keys: Any) -> str:
    """The keys of the last row of a page as one opaque word."""
    return urlsafe_b64encode(msgspec.json.encode(keys)).decode().rstrip("=")


def decode_cursor(text: str, shape: Any) -> Any:
    """The keys, in the shape of a tuple type; raises BadInputError when the cursor is not one of this list."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(raw, type=shape)
    except (BadBase64, ValueError, msgspec.MsgspecError) as error:
        raise BadInputError(
            "is not a cursor of this list; leave it out to start at the first page", field="cursor"
        ) from error


def instant_cursor(text: str | None) -> tuple[datetime | None, bytes | None]:
    """The instant and artifact id of the last row before, or two times None at the beginning."""
    return decode_cursor(text, tuple[datetime, bytes]) if text else (None, None)


def cut(rows: Sequence[Row], limit: int, keys: Callable[[Row], tuple[Any, ...]]) -> tuple[Sequence[Row], str | None]:
    """The first `limit` rows, and the cursor to the rest if there is any: ask for one row more than is shown."""
    page = rows[:limit]
    return page, encode_cursor(*keys(page[-1])) if len(rows) > limit else None
