"""Teams counted at forges, as they are switched on and shown."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.contracts.team_sync import TeamSyncReport
from schema.contracts.values import TeamHandle

MOST_EXCLUDED = 1000


class NewTeamSync(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Turns the sync of a connection on or off; `excluded` are handles of teams to ignore, null keeps the list."""

    enabled: bool
    excluded: Annotated[list[TeamHandle], Meta(max_length=MOST_EXCLUDED)] | None = None


class WantedTeamSync(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The connection to sync now, null for all. A dry run changes nothing, and works while the sync is off."""

    connection: str | None = None
    dry_run: bool = False


class TeamSyncShown(Struct, frozen=True, kw_only=True):
    """The sync of a connection; `state` is off, running, synced, waiting, refused or failing.

    `reason` says why it failed and what to do.
    """

    connection: str
    forge: str
    host: str
    enabled: bool
    state: str
    reason: str | None
    excluded: int
    last_success_at: datetime | None
    next_at: datetime | None
    report: TeamSyncReport | None
    dry_run: TeamSyncReport | None


class TeamSyncList(Struct, frozen=True, kw_only=True):
    """Connections whose sync was turned on or ran once."""

    items: list[TeamSyncShown]
    next_cursor: str | None = None
