"""Envelopes of webhook requests: event name, deduplication key, and the JSON text of the body."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec

from schema.errors import BadInputError
from service.webhooks.signatures import GITHUB_PREFIX

UNKNOWN_EVENT = "unknown"

SIGNATURE_HEADER = "x-hub-signature-256"
REPOSITORIES_EVENT = "installation_repositories"
BODY_KEY = "body-"

_EVENT = re.compile(r"[A-Za-z][A-Za-z_ ]{0,63}")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9._:/-]{1,200}")


class _GainedRepositories(msgspec.Struct):
    """The part of a payload that lists the repositories an installation gained."""

    repositories_added: list[Any]


def event_name(name: str | None) -> str:
    """Return the forge's event name; UNKNOWN_EVENT if it is missing or malformed."""
    return name if name and _EVENT.fullmatch(name) else UNKNOWN_EVENT


def github_key(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """Return a deduplication key from a verified request: its signature, which is a keyed hash of its body.

    GitHub signs neither the delivery GUID nor any other header, so who saw a delivery could send it again under a
    new GUID. Only repositories that an installation gained also count by their GUID: GitHub writes the same body when
    it gains them again, and their backfill begins at most once an hour.
    """
    signature = headers.get(SIGNATURE_HEADER)
    content = BODY_KEY + signature.strip().removeprefix(GITHUB_PREFIX) if signature else _body_key(body, secret)
    if headers.get("x-github-event") == REPOSITORIES_EVENT and _adds_repositories(body):
        return _key(f"{content}/{headers.get('x-github-delivery', '-')}")
    return content


def gitlab_key(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """Return a deduplication key from the webhook id, which is signed, or the idempotency key of an unsigned request.

    Two pushes of one tag may have the same body, so the body decides only where older GitLab versions send neither.
    """
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


def _adds_repositories(body: bytes) -> bool:
    """Return whether an installation gained repositories; False for a body of another event."""
    try:
        return bool(msgspec.json.decode(body, type=_GainedRepositories).repositories_added)
    except msgspec.DecodeError:
        return False


def _body_key(body: bytes, secret: str) -> str:
    """Return a keyed hash of the body."""
    return BODY_KEY + hmac.digest(secret.encode(), body, hashlib.sha256).hex()
