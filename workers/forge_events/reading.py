"""Tolerant readers of payloads: a missing, null or mistyped value reads as None, never as an error.

Only a value that a fact requires raises IncompletePayloadError; the delivery is then ignored with that reason.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

NO_COMMIT = re.compile(r"0+")
LARGEST_COUNT = 2**31 - 1
# Prefix of notes that Shipledger writes, hidden when rendered. They are not reviews.
OWN_NOTE = "<!-- shipledger "

_COMMIT = re.compile(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")
_SPACED_OFFSET = re.compile(r"\s+([+-]\d{2}:?\d{2})$")

Json = Mapping[str, Any]


class IncompletePayloadError(Exception):
    """A payload lacks an essential part; the message names the part, never its value."""


class Envelope(Struct, frozen=True):
    """What is known about a delivery besides its payload: the forge host and the time received."""

    host: str
    received_at: datetime


def mapping(payload: Any, *keys: str) -> Json:
    """Return the object at a path of keys, or an empty one."""
    for key in keys:
        payload = payload.get(key) if isinstance(payload, dict) else None
    return payload if isinstance(payload, dict) else {}


def items(payload: Json, key: str) -> list[Json]:
    """Return the objects in a list."""
    value = payload.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def names(payload: Json, key: str, name: str) -> list[str]:
    """Return the strings in a list, or those under a key of its objects."""
    value = payload.get(key)
    listed = value if isinstance(value, list) else []
    found = [each.get(name) if isinstance(each, Mapping) else each for each in listed]
    return [each for each in found if isinstance(each, str)]


def text(payload: Json, key: str) -> str | None:
    """Return a string that is not blank."""
    value = payload.get(key)
    return value.strip() or None if isinstance(value, str) else None


def whole(payload: Json, key: str) -> int | None:
    """Return a positive integer."""
    value = payload.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def flag(payload: Json, key: str) -> bool | None:
    """Return a boolean."""
    value = payload.get(key)
    return value if isinstance(value, bool) else None


def count(payload: Json, *keys: str) -> int | None:
    """Return the sum of non-negative integers if all are present."""
    values = [payload.get(key) for key in keys]
    numbers = [number for number in values if isinstance(number, int) and not isinstance(number, bool) and number >= 0]
    return min(sum(numbers), LARGEST_COUNT) if len(numbers) == len(keys) else None


def commit(payload: Json, key: str) -> str | None:
    """Return a full commit SHA; zeros, which mean no commit, read as None."""
    value = text(payload, key)
    return value.lower() if value and _COMMIT.fullmatch(value) and not NO_COMMIT.fullmatch(value) else None


def instant(payload: Json, key: str) -> datetime | None:
    """Return a time as forges write it: RFC 3339, `2016-12-01 13:11:10 UTC`, a spaced offset, or Unix seconds."""
    value = payload.get(key)
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC) if value > 0 else None
        if not isinstance(value, str):
            return None
        parsed = _parsed(value)
        if parsed.tzinfo is UTC:
            return parsed
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(value: str) -> datetime:
    """Parse a time; only the rare ones that are not RFC 3339 are rewritten first."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        written = _SPACED_OFFSET.sub(r"\1", value.strip().replace(" UTC", "+00:00"))
        return datetime.fromisoformat(written)


def newest(*instants: datetime | None) -> datetime | None:
    """Return the latest of the known times."""
    return max((value for value in instants if value is not None), default=None)


def required(value: Any, what: str) -> Any:
    """Return a value; raises IncompletePayloadError when it is None."""
    if value is None:
        raise IncompletePayloadError(f"The payload has no {what}.")
    return value


# The addresses of few repositories repeat; to split one takes 3 µs.
@lru_cache(1_000)
def host_of(url: str | None, default: str) -> str:
    """Return the host of a URL."""
    try:
        return ((urlsplit(url).hostname if url else None) or default).lower()
    except ValueError:
        return default
