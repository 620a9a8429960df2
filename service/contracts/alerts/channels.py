"""Channels that alerts are sent to. What names or unlocks a receiver is stored encrypted and never shown."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor

ChannelKind: TypeAlias = Literal["slack", "teams", "email", "webhook", "pagerduty"]
Encryption: TypeAlias = Literal["starttls", "tls", "none"]
Mail: TypeAlias = Annotated[str, Meta(pattern=r"^[\x21-\x7E]+\Z", max_length=320)]
ChannelName: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}\Z")]

MOST_RECIPIENTS = 20


class NewAlertChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel to add. Each kind needs its own fields."""

    kind: Annotated[ChannelKind, Meta(description="What receives the alerts; slack is any chat with its webhooks")]
    name: Annotated[ChannelName | None, Meta(description="Name of the channel, no person's (default: the kind)")] = None
    team: Annotated[str | None, Meta(description="Send only alerts of this team; null for all alerts")] = None
    url: Annotated[
        Annotated[str, Meta(max_length=2_000)] | None,
        Meta(description="Address of the webhook, for slack, teams and webhook; for pagerduty if it is not the usual"),
    ] = None
    secret: Annotated[
        Annotated[str, Meta(pattern=r"^whsec_[A-Za-z0-9+/]{32,128}={0,2}\Z")] | None,
        Meta(description="Signing secret of a webhook, as `whsec_` and base64 (default: a generated one)"),
    ] = None
    routing_key: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9]{32}\Z")] | None,
        Meta(description="Integration key of a PagerDuty service (Events API v2)"),
    ] = None
    smtp_host: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9.:-]{1,253}\Z")] | None, Meta(description="Mail server")
    ] = None
    smtp_port: Annotated[
        Annotated[int, Meta(ge=1, le=65_535)] | None, Meta(description="Its port (default: 587, with tls 465)")
    ] = None
    encryption: Annotated[
        Encryption | None, Meta(description="starttls (default), tls from the first byte, or none")
    ] = None
    user: Annotated[
        Annotated[str, Meta(min_length=1, max_length=320)] | None, Meta(description="User at the mail server")
    ] = None
    password: Annotated[
        Annotated[str, Meta(min_length=1, max_length=500)] | None, Meta(description="Password of the user")
    ] = None
    sender: Annotated[Mail | None, Meta(description="Address that mails come from")] = None
    recipients: Annotated[
        Annotated[list[Mail], Meta(min_length=1, max_length=MOST_RECIPIENTS)] | None,
        Meta(description="Addresses that mails go to"),
    ] = None


class AlertChannelShown(Struct, frozen=True, kw_only=True):
    """A channel, without what is stored encrypted, and how sending went."""

    id: Annotated[int, Meta(description="Id of the channel")]
    kind: ChannelKind
    name: str
    team: Annotated[str | None, Meta(description="Team whose alerts are sent; null for all alerts")]
    host: Annotated[str, Meta(description="Host of the receiver")]
    created_at: datetime
    delivered_at: Annotated[datetime | None, Meta(description="When something was last delivered; null if never")]
    waiting: Annotated[int, Meta(description="Alerts that wait to be sent")]
    dead: Annotated[int, Meta(description="Alerts that workers gave up on; see GET /api/v1/dead-letters")]
    failure: Annotated[str | None, Meta(description="Code of the failure if the last delivery failed; null otherwise")]
    reason: Annotated[str | None, Meta(description="What failed and what to do; null without a failure")]
    secret: Annotated[
        str | None, Meta(description="Signing secret of a webhook; only in the response to adding it, shown once")
    ] = None


class AlertChannelList(Struct, frozen=True):
    """All channels, oldest first."""

    items: list[AlertChannelShown]
    next_cursor: NextCursor = None
