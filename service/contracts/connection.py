"""Connections: requests and responses."""

from datetime import datetime

import msgspec

from service.contracts.repair import RepairShown


class NewConnection(msgspec.Struct, forbid_unknown_fields=True):
    """A connection to create; `base_url` is the URL of a self-hosted forge, `secret` replaces the generated one.

    `token` is an access token with read access, which lets workers fetch what webhooks missed.
    """

    forge: str
    base_url: str | None = None
    secret: str | None = None
    token: str | None = None


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """An access token with read access; null removes the present one."""

    token: str | None


class NewSummaries(msgspec.Struct, forbid_unknown_fields=True):
    """Whether to write the cost of pull requests to the forge, where everybody with access can see it."""

    enabled: bool


class ConnectionMade(msgspec.Struct):
    """The values to enter at the forge. The secret is shown only once."""

    id: str
    forge: str
    host: str
    webhook_url: str
    secret: str


class ConnectionShown(msgspec.Struct):
    """One connection, without its secret; `state` is active, suspended or deleted.

    `github_app` is the registered App of an installation; with it workers need no token. `repairs` are the checks for
    missed webhooks, empty without access to the forge's API. `summaries` is true if costs are written to pull requests,
    and `summaries_failure` says why the forge refuses them. `team_sync` is true if its teams are synced.
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
    """All connections of an organization, oldest first."""

    items: list[ConnectionShown]
    next_cursor: str | None = None
