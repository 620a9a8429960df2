"""Digests that identify metric series: of resource, scope, name and all attributes.

The digest includes attributes that are never read otherwise (a session, a user), because they distinguish series. It is
hashed with the organization's key before it is stored.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import msgspec

# A list or a map is its canonical JSON.
Pair: TypeAlias = tuple[str, str | int | float | bool | bytes | None]

# Attributes that divide the tokens of one request into several series; agents call the first `type` or `token_type`.
DIVIDING = frozenset(
    {"type", "token_type", *(f"gen_ai.token.{name}" for name in ("type", "modality", "cache", "phase"))}
)


# A text, list or map of more characters or bytes is digested by itself: it is not worth more time and memory.
LONG = 16 * 1024


class SeriesIdentity(NamedTuple):
    """Digests of a series, and of the group of series that report parts of the same requests."""

    series: bytes
    group: bytes


def canonical(pairs: Iterable[Pair]) -> bytes:
    """Return attributes as one text that does not depend on their order or encoding."""
    return msgspec.json.encode(sorted((key, type(value).__name__, _text(value)) for key, value in pairs))


def canonical_nested(value: Any) -> bytes:
    """Return a list or map in protobuf's JSON mapping as one text that does not depend on the encoding."""
    return msgspec.json.encode(_plain(value), order="sorted")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        # A 64-bit integer may be a number or a string, and what is not set may be null.
        return {
            key: str(each) if key == "intValue" else _plain(each)
            for key, each in value.items()
            if each not in (None, [])
        }
    return [_plain(each) for each in value] if isinstance(value, list) else value


def identify(resource: bytes, scope: str, name: str, attributes: Iterable[Pair]) -> SeriesIdentity:
    """Return the digests of a series; `resource` is its `canonical` text."""
    pairs = list(attributes)
    whole = msgspec.json.encode((scope, name, canonical(pairs).decode()))
    rest = msgspec.json.encode((scope, canonical((key, value) for key, value in pairs if key not in DIVIDING).decode()))
    return SeriesIdentity(_digest(resource + b"\n" + whole), _digest(resource + b"\n" + rest))


def _text(value: str | float | bytes | None) -> str:
    if isinstance(value, bytes):
        return (value if len(value) <= LONG else _digest(value)).hex()
    text = str(value)
    return text if len(text) <= LONG else _digest(text.encode()).hex()


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
