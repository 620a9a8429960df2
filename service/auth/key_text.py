"""The text of API keys: generate, parse and hash. Pure."""

import base64
import binascii
import hashlib
import re
import secrets
from enum import StrEnum
from typing import NamedTuple

from service.errors import UnauthorizedError

KEY_PREFIX = "sl1"
SECRET_BYTES = 32

_KEY = re.compile(r"sl1_(?P<organization_id>[1-9][0-9]{0,17})_[A-Za-z0-9_-]{43}")


class Scope(StrEnum):
    """A permission of a key; admin includes those before it, owner all. `read` and `audit` change nothing."""

    INTAKE = "intake"
    READ = "read"
    AUDIT = "audit"
    ADMIN = "admin"
    OWNER = "owner"


class ParsedKey(NamedTuple):
    """A presented key: the organization it names, and the digest to look up there."""

    organization_id: int
    digest: bytes


def make_key(organization_id: int) -> str:
    """Generate a key, `sl1_{organization_id}_{43 URL-safe characters}`, with 256 random bits."""
    return f"{KEY_PREFIX}_{organization_id}_{secrets.token_urlsafe(SECRET_BYTES)}"


def key_digest(text: str) -> bytes:
    """Return the stored digest of a key: SHA-256, which is enough because the key is random."""
    return hashlib.sha256(text.encode()).digest()


def parse_key(text: str) -> ParsedKey:
    """Parse a presented key; raises UnauthorizedError if it is malformed."""
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise UnauthorizedError("the API key is malformed; it begins with sl1_ and is shown once, when you create it")
    return ParsedKey(int(match["organization_id"]), key_digest(match[0]))


def bearer_text(header: str | None) -> str:
    """Return the key in an `Authorization: Bearer <key>` header; raises UnauthorizedError without a key.

    The key may also be the password of `Authorization: Basic`, which clients make of an address with a password.
    """
    kind, _, text = (header or "").strip().partition(" ")
    if kind.lower() == "basic":
        kind, text = "bearer", _password(text)
    if kind.lower() != "bearer" or not text.strip():
        raise UnauthorizedError("no API key; send the header Authorization: Bearer <key>")
    return text.strip()


def _password(text: str) -> str:
    try:
        return base64.b64decode(text.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
