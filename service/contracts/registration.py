"""Registrations of webhooks at GitLab: requests and responses."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from service.contracts.amounts import NextCursor
from service.contracts.trial import Trial

Scope = Literal["group", "project", "system"]


class NewRegistration(Struct, forbid_unknown_fields=True):
    """A webhook that workers create at GitLab and keep as configured. An existing registration is repaired."""

    scope: Annotated[
        Scope, Meta(description="Where to create the webhook: a group, a project or the whole instance (system)")
    ]
    path: Annotated[str | None, Meta(description="Path of the group or project; null for an instance")] = None
    token: Annotated[
        str | None,
        Meta(
            description="Access token with the scope `api` of an owner of the group, a maintainer of the project, or "
            "an administrator; stored encrypted"
        ),
    ] = None
    base_url: Annotated[str | None, Meta(description="URL of a self-hosted GitLab; null for gitlab.com")] = None
    public_url: Annotated[
        str | None, Meta(description="URL at which GitLab reaches this service (default: as configured)")
    ] = None
    backfill: Annotated[bool, Meta(description="Start a backfill once the webhook is registered")] = True
    dry_run: Annotated[bool, Meta(description="Return what would be created, and store nothing")] = False
    forge: Literal["gitlab"] = "gitlab"


class RegistrationStarted(Struct):
    """The webhook that workers will create."""

    id: Annotated[str | None, Meta(description="Id of the registration and its connection; null in a dry run")]
    webhook_url: Annotated[str, Meta(description="URL to which GitLab will send webhooks")]
    hook: Annotated[dict[str, bool | str], Meta(description="Settings of the webhook at GitLab")]
    warnings: Annotated[list[str], Meta(description="What will not work, and why")]
    trial: Annotated[Trial, Meta(description="Whether GitLab accepts the access token and the webhook")] = field(
        default_factory=lambda: Trial("none")
    )


class RegistrationShown(Struct):
    """A registered webhook."""

    id: Annotated[str, Meta(description="Id of the registration and its connection")]
    forge: str
    host: Annotated[str, Meta(description="Host name of GitLab")]
    scope: Annotated[str, Meta(description="group, project or system")]
    state: Annotated[str, Meta(description="waiting, registered, failed, removing or removed")]
    failure: Annotated[str | None, Meta(description="Why the registration or the last check failed; null otherwise")]
    webhook_url: Annotated[str, Meta(description="URL to which GitLab sends webhooks")]
    signed: Annotated[
        bool, Meta(description="True if GitLab signs deliveries, false if it sends the older secret token")
    ]
    test: Annotated[
        str | None,
        Meta(
            description="Test delivery: arrived, lost, nothing_to_send (the project is empty) or not_offered (by "
            "this GitLab); null until tested"
        ),
    ]
    repairs: Annotated[int, Meta(description="How often the webhook was changed at GitLab and repaired")]
    last_repair: Annotated[str | None, Meta(description="What was changed before the last repair; null without one")]
    repaired_at: Annotated[datetime | None, Meta(description="Null without a repair")]
    checked_at: Annotated[datetime | None, Meta(description="Time of the last check; null until checked")]
    registered_at: Annotated[datetime | None, Meta(description="Null until registered")]
    last_delivery_at: Annotated[
        datetime | None, Meta(description="Arrival of the last webhook; null if none has arrived")
    ]
    created_at: datetime


class RegistrationList(Struct):
    """Registrations, newest first."""

    items: list[RegistrationShown]
    next_cursor: NextCursor = None
