"""Teams counted at forges, as they are switched on and shown."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.contracts.team_sync import TeamSyncReport
from schema.contracts.values import TeamHandle
from service.contracts.amounts import NextCursor

MOST_EXCLUDED = 1000


class NewTeamSync(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The setting for the team sync of a connection."""

    enabled: Annotated[bool, Meta(description="Whether to sync every day")]
    excluded: (
        Annotated[
            list[TeamHandle],
            Meta(max_length=MOST_EXCLUDED, description="Handles of teams to ignore; null keeps the present list"),
        ]
        | None
    ) = None


class WantedTeamSync(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sync to start now."""

    connection: Annotated[str | None, Meta(description="Id of the connection; null for all")] = None
    dry_run: Annotated[bool, Meta(description="Change nothing; also works while the sync is off")] = False


class TeamSyncShown(Struct, frozen=True, kw_only=True):
    """The team sync of a connection."""

    connection: Annotated[str, Meta(description="Id of the connection")]
    forge: Annotated[str, Meta(description="github or gitlab")]
    host: Annotated[str, Meta(description="Host name of the forge")]
    enabled: Annotated[bool, Meta(description="True if teams are synced every day")]
    state: Annotated[str, Meta(description="off, running, synced, waiting, refused or failing")]
    reason: Annotated[str | None, Meta(description="Why the sync failed and what to do; null otherwise")]
    excluded: Annotated[int, Meta(description="Number of teams to ignore")]
    last_success_at: Annotated[datetime | None, Meta(description="Null until the sync has succeeded")]
    next_at: Annotated[datetime | None, Meta(description="Time of the next sync; null if off")]
    report: Annotated[TeamSyncReport | None, Meta(description="What the last sync changed; null until there is one")]
    dry_run: Annotated[
        TeamSyncReport | None, Meta(description="What the last dry run would change; null until there is one")
    ]


class TeamSyncList(Struct, frozen=True, kw_only=True):
    """Connections whose sync was turned on or ran once."""

    items: list[TeamSyncShown]
    next_cursor: NextCursor = None
