"""API keys as text: made, read and digested. Nothing here knows the database."""

import hashlib
import re
import secrets
from enum import StrEnum
from typing import NamedTuple

from schema.errors import UnauthorizedError

KEY_PREFIX = "sl1"
SECRET_BYTES = 32

_KEY = re.compile(r"sl1_(?P<organization_id>[1-9][0-9]{0,17})_[A-Za-z0-9_-]{43}")


class Scope(StrEnum):
    """What a key may do; admin may do everything."""

    INTAKE = "intake"
    READ = "read"
    ADMIN = "admin"


class ParsedKey(NamedTuple):
    """A key as presented: the organization that it names, and the digest that it must match there."""

    organization_id: int
    digest: bytes


def make_key(organization_id: int) -> str:
    """A new key of an organization, `sl1_{organization_id}_{43 URL-safe characters}`: 256 random bits."""
    return f"{KEY_PREFIX}_{organization_id}_{secrets.token_urlsafe(SECRET_BYTES)}"


def key_digest(text: str) -> bytes:
    """What is stored of a key: SHA-256, which suffices because the key itself is random."""
    return hashlib.sha256(text.encode()).digest()


def parse_key(text: str) -> ParsedKey:
    """Read a presented key; raises UnauthorizedError when it does not look like one."""
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise UnauthorizedError("the API key is malformed; it begins with sl1_ and is shown once, when you create it")
    return ParsedKey(int(match["organization_id"]), key_digest(match[0]))


def bearer_text(header: str | None) -> str:
    """The key in an `Authorization: Bearer <key>` header; raises UnauthorizedError when there is none."""
    kind, _, text = (header or "").strip().partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise UnauthorizedError("no API key; send the header Authorization: Bearer <key>")
    return text.strip()
