"""Values in JSON that other programs wrote: whatever is not of the expected kind counts as missing."""

from collections.abc import Mapping
from typing import Any

import msgspec

from schema.errors import BadInputError
from schema.identifiers import parse_repository
from vocabulary.tokens import MAXIMUM_TOKENS

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
DEFAULT_HOST = "github.com"

Object = Mapping[str, Any]


def decode(raw: bytes | str) -> Object | None:
    """Return a JSON object, or None if the text is not one."""
    try:
        found = msgspec.json.decode(raw)
    except UNREADABLE:
        return None
    return found if isinstance(found, dict) else None


def member(value: Any, *names: str) -> Any:
    """Return the member at a path of names, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def members(value: Any, *names: str) -> list[Any]:
    """Return the list at a path of names; empty if there is none."""
    found = member(value, *names)
    return found if isinstance(found, list) else []


def text(value: Any) -> str | None:
    """Return a text that is not empty, without the halves of cut characters, which cannot be sent."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and value else None


def count(value: Any) -> int:
    """Return a number of tokens; 0 for anything that is not a number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAXIMUM_TOKENS:
        return 0
    return int(value)


def repository(value: Any) -> str | None:
    """Return host/owner/name of a clone URL or a name such as owner/name, or None."""
    name = text(value)
    if name is None:
        return None
    try:
        return str(parse_repository(name, DEFAULT_HOST))
    except (BadInputError, ValueError):
        return None
