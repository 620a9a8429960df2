"""Channels that alerts are sent to. What names or unlocks a receiver is stored encrypted and never shown."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor

ChannelKind: TypeAlias = Literal["slack", "teams", "email", "webhook", "pagerduty"]
Encryption: TypeAlias = Literal["starttls", "tls", "none"]
Mail: TypeAlias = Annotated[str, Meta(pattern=r"^[\x21-\x7E]+\Z", max_length=320)]
ChannelName: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}\Z")]

MOST_RECIPIENTS = 20
Address: TypeAlias = Annotated[str, Meta(max_length=2_000)]
SigningSecret: TypeAlias = Annotated[str, Meta(pattern=r"^whsec_[A-Za-z0-9+/]{32,128}={0,2}\Z")]
RoutingKey: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9]{32}\Z")]
MailServer: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.:-]{1,253}\Z")]
Port: TypeAlias = Annotated[int, Meta(ge=1, le=65_535)]
MailUser: TypeAlias = Annotated[str, Meta(min_length=1, max_length=320)]
MailPassword: TypeAlias = Annotated[str, Meta(min_length=1, max_length=500)]
Recipients: TypeAlias = Annotated[list[Mail], Meta(min_length=1, max_length=MOST_RECIPIENTS)]


class NewAlertChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel to add. Each kind needs its own fields."""

    kind: Annotated[ChannelKind, Meta(description="What receives the alerts; slack is any chat with its webhooks")]
    name: Annotated[ChannelName | None, Meta(description="Name of the channel, no person's (default: the kind)")] = None
    team: Annotated[str | None, Meta(description="Send only alerts of this team; null for all alerts")] = None
    url: Annotated[
        Address | None,
        Meta(description="Address of the webhook, for slack, teams and webhook; for pagerduty if it is not the usual"),
    ] = None
    secret: Annotated[
        SigningSecret | None,
        Meta(description="Signing secret of a webhook, as `whsec_` and base64 (default: a generated one)"),
    ] = None
    routing_key: Annotated[
        RoutingKey | None, Meta(description="Integration key of a PagerDuty service (Events API v2)")
    ] = None
    smtp_host: Annotated[MailServer | None, Meta(description="Mail server")] = None
    smtp_port: Annotated[Port | None, Meta(description="Its port (default: 587, with tls 465)")] = None
    encryption: Annotated[
        Encryption | None, Meta(description="starttls (default), tls from the first byte, or none")
    ] = None
    user: Annotated[MailUser | None, Meta(description="User at the mail server")] = None
    password: Annotated[MailPassword | None, Meta(description="Password of the user")] = None
    sender: Annotated[Mail | None, Meta(description="Address that mails come from")] = None
    recipients: Annotated[Recipients | None, Meta(description="Addresses that mails go to")] = None
    digest: Annotated[bool, Meta(description="Also send a digest each week; for slack, teams and email")] = False


class AlertChannelChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of a channel. Fields that are left out stay as they are; its kind never changes."""

    name: Annotated[ChannelName | UnsetType, Meta(description="Name of the channel, no person's")] = UNSET
    team: Annotated[str | UnsetType | None, Meta(description="Send only alerts of this team; null for all alerts")] = (
        UNSET
    )
    url: Annotated[
        Address | UnsetType | None, Meta(description="Address of the webhook; for pagerduty, null for the usual one")
    ] = UNSET
    secret: Annotated[
        SigningSecret | UnsetType | None, Meta(description="Signing secret of a webhook; null for a generated one")
    ] = UNSET
    routing_key: Annotated[RoutingKey | UnsetType, Meta(description="Integration key of a PagerDuty service")] = UNSET
    smtp_host: Annotated[MailServer | UnsetType, Meta(description="Mail server")] = UNSET
    smtp_port: Annotated[Port | UnsetType | None, Meta(description="Its port; null for the usual one")] = UNSET
    encryption: Annotated[Encryption | UnsetType, Meta(description="starttls, tls from the first byte, or none")] = (
        UNSET
    )
    user: Annotated[
        MailUser | UnsetType | None, Meta(description="User at the mail server; null, as password, without a login")
    ] = UNSET
    password: Annotated[MailPassword | UnsetType | None, Meta(description="Password of the user")] = UNSET
    sender: Annotated[Mail | UnsetType, Meta(description="Address that mails come from")] = UNSET
    recipients: Annotated[Recipients | UnsetType, Meta(description="Addresses that mails go to")] = UNSET
    digest: Annotated[bool | UnsetType, Meta(description="Whether to send a digest each week")] = UNSET


class AlertChannelShown(Struct, frozen=True, kw_only=True):
    """A channel, without what is stored encrypted, and how sending went."""

    id: Annotated[int, Meta(description="Id of the channel")]
    kind: ChannelKind
    name: str
    team: Annotated[str | None, Meta(description="Team whose alerts are sent; null for all alerts")]
    host: Annotated[str, Meta(description="Host of the receiver")]
    digest: Annotated[bool, Meta(description="Whether a digest is sent each week")]
    created_at: datetime
    delivered_at: Annotated[datetime | None, Meta(description="When something was last delivered; null if never")]
    waiting: Annotated[int, Meta(description="Alerts that wait to be sent")]
    dead: Annotated[int, Meta(description="Alerts that workers gave up on; see GET /api/v1/dead-letters")]
    failure: Annotated[str | None, Meta(description="Code of the failure if the last delivery failed; null otherwise")]
    reason: Annotated[str | None, Meta(description="What failed and what to do; null without a failure")]
    secret: Annotated[
        str | None, Meta(description="Generated signing secret of a webhook; only in the response, shown once")
    ] = None


class AlertChannelList(Struct, frozen=True):
    """All channels, oldest first."""

    items: list[AlertChannelShown]
    next_cursor: NextCursor = None
