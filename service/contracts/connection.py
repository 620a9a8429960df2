"""What is sent to make a connection by hand, and what is shown of one."""

from datetime import datetime

import msgspec

from service.contracts.repair import RepairShown


class NewConnection(msgspec.Struct, forbid_unknown_fields=True):
    """A webhook to be registered at a forge; `base_url` for a forge of one's own, `secret` to choose it oneself.

    `token` is an access token that may read; with it workers can ask the forge for what webhooks did not tell.
    """

    forge: str
    base_url: str | None = None
    secret: str | None = None
    token: str | None = None


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """An access token that may read; null takes the present one away."""

    token: str | None


class NewSummaries(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the figures of pull requests are written to them, for all who can see them there."""

    enabled: bool


class ConnectionMade(msgspec.Struct):
    """What to enter at the forge. The secret is told this once."""

    id: str
    forge: str
    host: str
    webhook_url: str
    secret: str


class ConnectionShown(msgspec.Struct):
    """One connection, without its secret; `state` is active, suspended or deleted.

    `github_app` is the App of an installation that was registered here; as it workers can ask without a token.
    `repairs` are the checks for what its webhooks missed; none where workers cannot ask.
    `summaries` tells whether figures are written to pull requests, and `summaries_failure` why the forge lets none be;
    `team_sync` whether its teams are counted, see /api/v1/team-syncs.
    """

    id: str
    forge: str
    host: str
    installation_id: int | None
    state: str
    webhook_url: str
    created_at: datetime
    last_delivery_at: datetime | None
    has_token: bool = False
    github_app: str | None = None
    repairs: list[RepairShown] = msgspec.field(default_factory=list)
    summaries: bool = False
    summaries_failure: str | None = None
    team_sync: bool = False


class ConnectionList(msgspec.Struct):
    """All connections of an organization, newest last."""

    items: list[ConnectionShown]
    next_cursor: str | None = None
