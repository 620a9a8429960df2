"""Settings of alert channels: check what each kind needs, and what to store encrypted. Pure."""

import base64
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from msgspec import UNSET

from schema.errors import BadInputError
from service.connections.credentials import SECRET_BYTES, SIGNING_TOKEN_PREFIX
from service.connections.web_addresses import checked_address
from service.contracts.alerts.channels import AlertChannelChange, ChannelKind, NewAlertChannel
from vocabulary.web_addresses import SCHEMES

# The required fields of each kind, and the others that it takes.
REQUIRED: dict[ChannelKind, tuple[str, ...]] = {
    "slack": ("url",),
    "teams": ("url",),
    "email": ("smtp_host", "sender", "recipients"),
    "webhook": ("url",),
    "pagerduty": ("routing_key",),
}
OPTIONAL: dict[ChannelKind, tuple[str, ...]] = {
    "slack": (),
    "teams": (),
    "email": ("smtp_port", "encryption", "user", "password"),
    "webhook": ("secret",),
    "pagerduty": ("url",),
}
FIELDS = tuple(dict.fromkeys(field for fields in (*REQUIRED.values(), *OPTIONAL.values()) for field in fields))
PORTS = {"starttls": 587, "tls": 465, "none": 25}
PAGERDUTY_HOST = "events.pagerduty.com"

_ADDRESS = re.compile(r"[\x21-\x7E]+")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class CheckedChannel(NamedTuple):
    """The host to show, what to store encrypted, and a secret that was generated, to be shown once."""

    host: str
    settings: dict[str, Any]
    secret: str | None


def check_channel(new: NewAlertChannel, *, allow_private: bool) -> CheckedChannel:
    """Return the checked settings of a channel; raises BadInputError that names the field.

    Without `allow_private`, addresses must be https: a worker connects to public addresses only, and the address of a
    webhook is often its only secret.
    """
    given = {field: value for field in FIELDS if (value := getattr(new, field)) is not None}
    for field in REQUIRED[new.kind]:
        if field not in given:
            raise BadInputError(f"is missing; a channel of kind {new.kind} needs it", field=field)
    _check_fields(new.kind, given)
    if new.kind == "email":
        return CheckedChannel(given["smtp_host"], _mail_settings(new, given), None)
    host = _host(new.url, allow_private=allow_private) if new.url else PAGERDUTY_HOST
    generated = _generated_secret() if new.kind == "webhook" and new.secret is None else None
    if new.kind == "webhook":
        given["secret"] = generated or _checked_secret(given["secret"])
    return CheckedChannel(host, given, generated)


def change_channel(
    kind: ChannelKind, known: Mapping[str, Any], change: AlertChannelChange, *, allow_private: bool
) -> CheckedChannel:
    """Return the checked settings of a channel after a change; raises BadInputError that names the field."""
    given = {field: value for field in FIELDS if (value := getattr(change, field)) is not UNSET}
    _check_fields(kind, given)
    after = {**known, **given}
    if "encryption" in given and "smtp_port" not in given and known["smtp_port"] == PORTS[known["encryption"]]:
        # The usual port of the encryption before.
        del after["smtp_port"]
    return check_channel(NewAlertChannel(kind=kind, **after), allow_private=allow_private)


def _check_fields(kind: ChannelKind, given: Iterable[str]) -> None:
    allowed = (*REQUIRED[kind], *OPTIONAL[kind])
    for field in given:
        if field not in allowed:
            raise BadInputError(f"does not apply to {kind}, which takes {', '.join(allowed)}", field=field)


def _host(url: str, *, allow_private: bool) -> str:
    schemes = SCHEMES if allow_private else ("https",)
    if not _ADDRESS.fullmatch(url):
        raise BadInputError("must be a web address without spaces; copy it from the receiver unchanged", field="url")
    return checked_address(url, "url", schemes=schemes, takes_query=True, example="https://hooks.example.com/x").host


def _generated_secret() -> str:
    return SIGNING_TOKEN_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _checked_secret(secret: str) -> str:
    try:
        base64.b64decode(secret.removeprefix(SIGNING_TOKEN_PREFIX), validate=True)
    except ValueError:
        raise BadInputError(
            f"must be {SIGNING_TOKEN_PREFIX} and base64; leave it out to generate a secret", field="secret"
        ) from None
    return secret


def _mail_settings(new: NewAlertChannel, given: dict[str, Any]) -> dict[str, Any]:
    encryption = new.encryption or "starttls"
    if (new.user is None) is not (new.password is None):
        missing = "password" if new.password is None else "user"
        raise BadInputError("is missing; a login at the mail server needs user and password", field=missing)
    if encryption == "none" and new.password is not None:
        raise BadInputError(
            "must be starttls or tls, because the password would be sent in plain text", field="encryption"
        )
    for field, addresses in (("sender", [new.sender or ""]), ("recipients", new.recipients or [])):
        # The error does not repeat the address: it is a person's.
        if not all(_MAIL.fullmatch(each) for each in addresses):
            raise BadInputError("must be an e-mail address, for example finops@example.com", field=field)
    return {"encryption": encryption, "smtp_port": PORTS[encryption], **given}
