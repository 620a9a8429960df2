"""What a webhook request says about itself before its body is understood: event, and what makes it the same again."""

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


def event_name(reported: str | None) -> str:
    """The forge's name of the event, when it is a plain name; anything else is not worth keeping."""
    return reported if reported and _EVENT.fullmatch(reported) else UNKNOWN_EVENT


def github_key(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """Hook id and delivery GUID, which stay the same when GitHub delivers again."""
    guid = headers.get("x-github-delivery")
    return _key(f"{headers.get('x-github-hook-id', '-')}/{guid}") if guid else _body_key(body, secret)


def gitlab_key(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """The webhook id, which GitLab also calls idempotency key; older GitLabs tell none."""
    reported = headers.get("webhook-id") or headers.get("idempotency-key")
    return _key(reported) if reported else _body_key(body, secret)


def json_bytes(content_type: str | None, body: bytes) -> bytes:
    """The JSON text of a body; GitHub may send it as the form field `payload`.

    Raises BadInputError when it is no JSON.
    """
    if (content_type or "").startswith("application/x-www-form-urlencoded"):
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=4) if body.count(b"&") < 4 else {}  # noqa: PLR2004 - one field is expected
        body = fields.get("payload", [""])[0].encode()
    try:
        # Strings are text or not whatever else the body is; all else is read past without making anything of it.
        body.decode()
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadInputError(
            "the body is not valid JSON; choose the content type application/json at the forge"
        ) from error
    return body


def _key(reported: str) -> str:
    """Kept as told when plain, so that it can be found in the forge's own list; as a digest when it is long or odd."""
    return reported if _PLAIN_KEY.fullmatch(reported) else "sha256-" + hashlib.sha256(reported.encode()).hexdigest()


def _body_key(body: bytes, secret: str) -> str:
    """A request without an id is the same again when its body is."""
    return "body-" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()
