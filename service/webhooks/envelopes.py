"""Envelopes of webhook requests: event name, deduplication key, and the JSON text of the body."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

import msgspec

from schema.errors import BadInputError

UNKNOWN_EVENT = "unknown"

_EVENT = re.compile(r"[A-Za-z][A-Za-z_ ]{0,63}")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9._:/-]{1,200}")


def event_name(name: str | None) -> str:
    """Return the forge's event name; UNKNOWN_EVENT if it is missing or malformed."""
    return name if name and _EVENT.fullmatch(name) else UNKNOWN_EVENT


def github_key(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """Return a deduplication key from hook id and delivery GUID, which stay the same in a redelivery."""
    guid = headers.get("x-github-delivery")
    return _key(f"{headers.get('x-github-hook-id', '-')}/{guid}") if guid else _body_key(body, secret)


def gitlab_key(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """Return a deduplication key from the webhook id or idempotency key; older GitLab versions send neither."""
    identifier = headers.get("webhook-id") or headers.get("idempotency-key")
    return _key(identifier) if identifier else _body_key(body, secret)


def json_bytes(content_type: str | None, body: bytes) -> bytes:
    """Return the JSON text of a body; GitHub may send it as the form field `payload`.

    Raises BadInputError if the text is not valid JSON.
    """
    if (content_type or "").strip().lower().startswith("application/x-www-form-urlencoded"):
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=4) if body.count(b"&") < 4 else {}  # noqa: PLR2004 - one field is expected
        body = fields.get("payload", [""])[0].encode()
    try:
        # Checks UTF-8 and JSON syntax without building objects.
        body.decode()
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadInputError(
            "the body is not valid JSON; choose the content type application/json at the forge"
        ) from error
    return body


def _key(text: str) -> str:
    """Return a plain key unchanged, to match the forge's own list of deliveries; hash it if it is long or unusual."""
    return text if _PLAIN_KEY.fullmatch(text) else "sha256-" + hashlib.sha256(text.encode()).hexdigest()


def _body_key(body: bytes, secret: str) -> str:
    """Return a keyed hash of the body, for requests without an id."""
    return "body-" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()
