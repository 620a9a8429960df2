"""Reading payloads tolerantly: what is absent, null or of another type reads as None, never as an error.

Only what a fact cannot do without raises NotUnderstoodError, and then the delivery is ignored with that reason.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

NO_COMMIT = re.compile(r"0+")
LARGEST_COUNT = 2**31 - 1
# How notes begin that we write ourselves, unseen where they are shown: they are no reviews.
OWN_NOTE = "<!-- shipledger "

_COMMIT = re.compile(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")
_SPACED_OFFSET = re.compile(r"\s+([+-]\d{2}:?\d{2})$")

Json = Mapping[str, Any]


class NotUnderstoodError(Exception):
    """A payload lacks what its event is about; the message names the part, never its value."""


class Envelope(Struct, frozen=True):
    """What is known of a delivery beside its payload: the connection's forge host, and when it was received."""

    host: str
    received_at: datetime


def mapping(payload: Any, *keys: str) -> Json:
    """The object at a path of keys; empty when there is none."""
    for key in keys:
        payload = payload.get(key) if isinstance(payload, dict) else None
    return payload if isinstance(payload, dict) else {}


def items(payload: Json, key: str) -> list[Json]:
    """The objects of a list."""
    reported = payload.get(key)
    return [item for item in reported if isinstance(item, dict)] if isinstance(reported, list) else []


def names(payload: Json, key: str, name: str) -> list[str]:
    """The strings of a list, or those under a key of its objects."""
    reported = payload.get(key)
    listed = reported if isinstance(reported, list) else []
    found = [each.get(name) if isinstance(each, Mapping) else each for each in listed]
    return [each for each in found if isinstance(each, str)]


def text(payload: Json, key: str) -> str | None:
    """A string that says something."""
    reported = payload.get(key)
    return reported.strip() or None if isinstance(reported, str) else None


def whole(payload: Json, key: str) -> int | None:
    """A positive whole number."""
    reported = payload.get(key)
    return reported if isinstance(reported, int) and not isinstance(reported, bool) and reported > 0 else None


def flag(payload: Json, key: str) -> bool | None:
    """A switch."""
    reported = payload.get(key)
    return reported if isinstance(reported, bool) else None


def count(payload: Json, *keys: str) -> int | None:
    """The sum of whole numbers, when all of them are told."""
    reported = [payload.get(key) for key in keys]
    numbers = [
        number for number in reported if isinstance(number, int) and not isinstance(number, bool) and number >= 0
    ]
    return min(sum(numbers), LARGEST_COUNT) if len(numbers) == len(keys) else None


def commit(payload: Json, key: str) -> str | None:
    """A full commit SHA; the zeros that stand for no commit read as None."""
    reported = text(payload, key)
    return reported.lower() if reported and _COMMIT.fullmatch(reported) and not NO_COMMIT.fullmatch(reported) else None


def instant(payload: Json, key: str) -> datetime | None:
    """A time as forges write it: RFC 3339, `2016-12-01 13:11:10 UTC`, with a spaced offset, or Unix seconds."""
    reported = payload.get(key)
    try:
        if isinstance(reported, int) and not isinstance(reported, bool):
            return datetime.fromtimestamp(reported, UTC) if reported > 0 else None
        if not isinstance(reported, str):
            return None
        parsed = _parsed(reported)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(reported: str) -> datetime:
    """Most times are written as RFC 3339 says, and only what is not costs a second look."""
    try:
        return datetime.fromisoformat(reported)
    except ValueError:
        written = _SPACED_OFFSET.sub(r"\1", reported.strip().replace(" UTC", "+00:00"))
        return datetime.fromisoformat(written)


def newest(*instants: datetime | None) -> datetime | None:
    """The latest of those that are told."""
    return max((reported for reported in instants if reported is not None), default=None)


def required(reported: Any, what: str) -> Any:
    """What was read, when it was there."""
    if reported is None:
        raise NotUnderstoodError(f"has no {what}")
    return reported


def host_of(url: str | None, default: str) -> str:
    """The host of a web address."""
    try:
        return ((urlsplit(url).hostname if url else None) or default).lower()
    except ValueError:
        return default
