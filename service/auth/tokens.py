"""The text of a session's cookie, and the token of its forms. Pure."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

TOKEN_BYTES = 32

_TOKEN = re.compile(r"([1-9][0-9]{0,17})-[A-Za-z0-9_-]{43}")


def make_token(organization_id: int) -> str:
    """Generate a token, `{organization_id}-{43 URL-safe characters}`, with 256 random bits."""
    return f"{organization_id}-{secrets.token_urlsafe(TOKEN_BYTES)}"


def token_organization(token: str) -> int | None:
    """Return the organization id in a token, or None if the token is malformed."""
    match = _TOKEN.fullmatch(token)
    return int(match[1]) if match else None


def csrf_token(token: str) -> str:
    """Return a token for a session's forms, which only who knows the session's own token can make.

    It is masked with new random bytes each time, so that nobody can guess it from the size of compressed pages.
    """
    mask = secrets.token_bytes(TOKEN_BYTES)
    secret = hmac.digest(token.encode(), b"csrf", hashlib.sha256)
    return urlsafe_b64encode(mask + _masked(secret, mask)).decode()


def are_of_one_session(token: str, other: str) -> bool:
    """Return whether two tokens of forms belong to the same session."""
    secret, others = _unmasked(token), _unmasked(other)
    return bool(secret) and hmac.compare_digest(secret, others)


def _unmasked(token: str) -> bytes:
    try:
        plain = urlsafe_b64decode(token.encode())
    except ValueError:
        return b""
    return _masked(plain[TOKEN_BYTES:], plain[:TOKEN_BYTES]) if len(plain) == 2 * TOKEN_BYTES else b""


def _masked(secret: bytes, mask: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(secret, mask, strict=True))
