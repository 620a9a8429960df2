"""Connections: requests and responses."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from service.contracts.amounts import NextCursor
from service.contracts.repair import RepairShown
from service.contracts.trial import Trial


class NewConnection(Struct, forbid_unknown_fields=True):
    """A connection to create."""

    forge: Annotated[str, Meta(description="github or gitlab")]
    base_url: Annotated[
        str | None, Meta(description="URL of a self-hosted forge; null for github.com or gitlab.com")
    ] = None
    secret: Annotated[str | None, Meta(description="Secret of the webhook (default: a generated one)")] = None
    token: Annotated[
        str | None,
        Meta(
            description="Access token with read access, which lets workers fetch what webhooks missed; stored encrypted"
        ),
    ] = None


class NewToken(Struct, forbid_unknown_fields=True):
    """The access token of a connection."""

    token: Annotated[str | None, Meta(description="Access token with read access; null removes the present one")]


class NewSummaries(Struct, forbid_unknown_fields=True):
    """The setting for summaries on pull requests."""

    enabled: Annotated[
        bool,
        Meta(
            description="Whether to write the cost of pull requests to the forge, where everybody with access can "
            "see it"
        ),
    ]


class ConnectionMade(Struct):
    """The values to enter at the forge."""

    id: Annotated[str, Meta(description="Id of the connection")]
    forge: Annotated[str, Meta(description="github or gitlab")]
    host: Annotated[str, Meta(description="Host name of the forge")]
    webhook_url: Annotated[str, Meta(description="URL to enter at the forge")]
    secret: Annotated[str, Meta(description="Secret to enter at the forge; shown only once")]
    token: Annotated[Trial, Meta(description="Whether the access token works")] = field(
        default_factory=lambda: Trial("none")
    )


class ConnectionShown(Struct):
    """One connection, without its secret."""

    id: Annotated[str, Meta(description="Id of the connection")]
    forge: Annotated[str, Meta(description="github or gitlab")]
    host: Annotated[str, Meta(description="Host name of the forge")]
    installation_id: Annotated[
        int | None, Meta(description="Number of the GitHub App installation; null for other connections")
    ]
    state: Annotated[str, Meta(description="active, suspended or deleted")]
    webhook_url: Annotated[str, Meta(description="URL to which the forge sends webhooks")]
    created_at: datetime
    last_delivery_at: Annotated[
        datetime | None, Meta(description="Arrival of the last webhook; null if none has arrived")
    ]
    has_token: Annotated[bool, Meta(description="True if workers have an access token")] = False
    github_app: Annotated[
        str | None,
        Meta(
            description="Id of the registered GitHub App of an installation, with which workers need no token; null "
            "for other connections"
        ),
    ] = None
    repairs: Annotated[
        list[RepairShown], Meta(description="Checks for missed webhooks; empty without access to the forge's API")
    ] = field(default_factory=list)
    summaries: Annotated[bool, Meta(description="True if costs are written to pull requests")] = False
    summaries_failure: Annotated[
        str | None, Meta(description="Why the forge refuses summaries; null if it does not")
    ] = None
    team_sync: Annotated[bool, Meta(description="True if team sync is on")] = False


class ConnectionList(Struct):
    """All connections of an organization, oldest first."""

    items: list[ConnectionShown]
    next_cursor: NextCursor = None
