"""Verification of webhook signatures: pure functions of headers, raw bytes and secret.

Every comparison takes constant time. An empty secret never verifies.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from service.connections.credentials import SIGNING_TOKEN_PREFIX
from service.errors import UnauthorizedError

GITHUB_PREFIX = "sha256="
SIGNATURE_VERSION = "v1,"


def require_github_signature(headers: Mapping[str, str]) -> None:
    """Raise UnauthorizedError if the head of a request has no signature, so that its body need not be read."""
    if "x-hub-signature-256" not in headers:
        raise UnauthorizedError("the header X-Hub-Signature-256 is missing; set the connection's secret at the forge")


def require_gitlab_signature(headers: Mapping[str, str], secret: str) -> None:
    """Raise UnauthorizedError if the head of a request has no signature and not the secret token either."""
    if "webhook-signature" not in headers:
        _verify_token(headers, secret)


def verify_github(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """Check `X-Hub-Signature-256`: the hexadecimal HMAC-SHA256 of the raw body.

    Raises UnauthorizedError if it is missing or wrong, or if the secret is empty.
    """
    _refuse_empty(secret)
    require_github_signature(headers)
    signature = headers["x-hub-signature-256"]
    expected = GITHUB_PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not _equal(signature.strip(), expected):
        raise UnauthorizedError("the signature is wrong; set the connection's secret at the forge")


def verify_gitlab(headers: Mapping[str, str], body: bytes, secret: str, *, now: datetime, tolerance: timedelta) -> None:
    """Check GitLab's signature if the request is signed, otherwise its older secret token.

    The signature (Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`) must be valid even if the
    request also has the right secret token. Raises UnauthorizedError if the check fails or the secret is empty.
    """
    _refuse_empty(secret)
    if "webhook-signature" in headers:
        _verify_signing_token(headers, body, secret, now=now, tolerance=tolerance)
    else:
        _verify_token(headers, secret)


def _verify_token(headers: Mapping[str, str], secret: str) -> None:
    _refuse_empty(secret)
    token = headers.get("x-gitlab-token")
    if token is None:
        raise UnauthorizedError(
            "the headers webhook-signature and X-Gitlab-Token are missing; set the connection's secret at the forge"
        )
    if not _equal(token, secret):
        raise UnauthorizedError("the token is wrong; set the connection's secret at the forge")


def _verify_signing_token(
    headers: Mapping[str, str], body: bytes, secret: str, *, now: datetime, tolerance: timedelta
) -> None:
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identifier or abs(now - _instant(timestamp)) > tolerance:
        raise UnauthorizedError(
            "webhook-id or webhook-timestamp is missing, or the timestamp is too far from the present; check the clocks"
        )
    signed = b".".join((identifier.encode("latin-1", "replace"), timestamp.encode("latin-1", "replace"), body))
    # The header may have several signatures, with an old and a new secret during a rotation.
    signatures = [entry for entry in headers["webhook-signature"].split(" ") if entry.startswith(SIGNATURE_VERSION)]
    expected = [
        SIGNATURE_VERSION + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        for key in signing_keys(secret)
    ]
    fits = [_equal(one, other) for one in signatures for other in expected]
    if not any(fits):
        raise UnauthorizedError("the signature is wrong; set the connection's secret at the forge")


def signing_keys(secret: str) -> list[bytes]:
    """Return the possible keys of a secret: the text itself, and the decoded bytes of `whsec_<base64>`."""
    keys = [secret.encode()]
    if secret.startswith(SIGNING_TOKEN_PREFIX):
        try:
            decoded = base64.b64decode(secret.removeprefix(SIGNING_TOKEN_PREFIX), validate=True)
        except binascii.Error:
            return keys
        if decoded:
            keys.append(decoded)
    return keys


def _instant(seconds: str) -> datetime:
    """Parse Unix seconds; malformed text returns the earliest time, which exceeds any tolerance."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.min.replace(tzinfo=UTC)


def _refuse_empty(secret: str) -> None:
    if not secret:
        raise UnauthorizedError("this connection has no secret, so the request cannot be verified; set one")


def _equal(received: str, expected: str) -> bool:
    return hmac.compare_digest(received.encode(), expected.encode())
