"""Whether a webhook request was signed with a connection's secret: pure functions of headers, raw bytes and secret.

Every comparison takes constant time. An empty secret never verifies anything.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from schema.errors import UnauthorizedError
from service.connections.credentials import SIGNING_TOKEN_PREFIX

GITHUB_PREFIX = "sha256="
SIGNATURE_VERSION = "v1,"


def verify_github(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """Check `X-Hub-Signature-256`: the hexadecimal HMAC-SHA256 of the raw body.

    Raises UnauthorizedError when it is missing or does not fit, or when the secret is empty.
    """
    _refuse_empty(secret)
    reported = headers.get("x-hub-signature-256")
    if reported is None:
        raise UnauthorizedError("the header X-Hub-Signature-256 is missing; set the connection's secret at the forge")
    expected = GITHUB_PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not _equal(reported.strip(), expected):
        raise UnauthorizedError("the signature is wrong; set the connection's secret at the forge")


def verify_gitlab(headers: Mapping[str, str], body: bytes, secret: str, *, now: datetime, tolerance: timedelta) -> None:
    """Check GitLab's signing token where the request is signed, its older secret token otherwise.

    A signed request (Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`) must fit even when it
    also carries the right secret token. Raises UnauthorizedError when nothing fits or the secret is empty.
    """
    _refuse_empty(secret)
    if "webhook-signature" in headers:
        _verify_signing_token(headers, body, secret, now=now, tolerance=tolerance)
        return
    reported = headers.get("x-gitlab-token")
    if reported is None:
        raise UnauthorizedError(
            "the headers webhook-signature and X-Gitlab-Token are missing; set the connection's secret at the forge"
        )
    if not _equal(reported, secret):
        raise UnauthorizedError("the token is wrong; set the connection's secret at the forge")


def _verify_signing_token(
    headers: Mapping[str, str], body: bytes, secret: str, *, now: datetime, tolerance: timedelta
) -> None:
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identifier or abs(now - _instant(timestamp)) > tolerance:
        raise UnauthorizedError(
            "webhook-id or webhook-timestamp is missing, or the timestamp is too far from now; check the clock"
        )
    signed = b".".join((identifier.encode("latin-1", "replace"), timestamp.encode("latin-1", "replace"), body))
    # A list, so that a forge may sign with an old and a new secret while one replaces the other.
    reported = [entry for entry in headers["webhook-signature"].split(" ") if entry.startswith(SIGNATURE_VERSION)]
    expected = [
        SIGNATURE_VERSION + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        for key in signing_keys(secret)
    ]
    fits = [_equal(one, other) for one in reported for other in expected]
    if not any(fits):
        raise UnauthorizedError("the signature is wrong; set the connection's secret at the forge")


def signing_keys(secret: str) -> list[bytes]:
    """Keys that a secret may sign with: what `whsec_<base64>` encodes, and always the text itself."""
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
    """Unix seconds as an instant; anything else is long ago, which no tolerance reaches."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.min.replace(tzinfo=UTC)


def _refuse_empty(secret: str) -> None:
    if not secret:
        raise UnauthorizedError("this connection has no secret, so the request cannot be verified; set one")


def _equal(reported: str, expected: str) -> bool:
    return hmac.compare_digest(reported.encode(), expected.encode())
