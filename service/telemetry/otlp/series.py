"""What tells one metric series from the next: resource, scope, name and all attributes, digested in memory.

Attributes that nothing may read still tell series apart (a session, a user), so that they enter the digest; the digest
is hashed with the organization's key before anything is stored.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import msgspec

# A value that is a list or a map comes as the bytes it was sent as.
Pair: TypeAlias = tuple[str, str | int | float | bool | bytes | None]

# What divides the tokens of one request into several series of it.
DIVIDING = frozenset({"gen_ai.token.type", "gen_ai.token.modality"})


class SeriesIdentity(NamedTuple):
    """Digests of a series, and of the series that tell parts of the same requests."""

    series: bytes
    group: bytes


def canonical(pairs: Iterable[Pair]) -> bytes:
    """Attributes as one text, the same in whichever order and encoding they were sent."""
    return msgspec.json.encode(sorted((key, type(value).__name__, _text(value)) for key, value in pairs))


def identify(resource: bytes, scope: str, name: str, attributes: Iterable[Pair]) -> SeriesIdentity:
    """Digests of a series whose resource is given as `canonical` text."""
    pairs = list(attributes)
    whole = msgspec.json.encode((scope, name, canonical(pairs).decode()))
    rest = msgspec.json.encode((scope, canonical(pair for pair in pairs if pair[0] not in DIVIDING).decode()))
    return SeriesIdentity(_digest(resource + b"\n" + whole), _digest(resource + b"\n" + rest))


def _text(value: str | float | bytes | None) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
