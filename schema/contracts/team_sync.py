"""Team syncs: settings, state and reports. They contain counts of people only."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct


class TeamCounted(Struct, frozen=True, kw_only=True):
    """A team at the forge."""

    name: str
    people: Annotated[int, Meta(description="Number of people now")]
    before: Annotated[int | None, Meta(description="Number of people before the sync; null if unknown")]
    is_new: Annotated[bool, Meta(description="True if the sync creates the team")]
    set_manually: Annotated[bool, Meta(description="True if you set the size yourself; the sync keeps it")]


class RepositoriesSynced(Struct, frozen=True, kw_only=True):
    """Counts of known repositories by what the sync did with their team."""

    assigned: Annotated[int, Meta(description="Got their first team")] = 0
    reassigned: Annotated[int, Meta(description="Moved to another team")] = 0
    returned: Annotated[int, Meta(description="Went back to the default team")] = 0
    unchanged: Annotated[int, Meta(description="Kept their team")] = 0
    set_manually: Annotated[int, Meta(description="Kept the team that you set")] = 0
    shared: Annotated[int, Meta(description="Have several teams at the forge")] = 0
    unowned: Annotated[int, Meta(description="Have no team at the forge")] = 0


class TeamSyncReport(Struct, frozen=True, kw_only=True):
    """What a sync changed, or a dry run would change."""

    looked_at: Annotated[datetime, Meta(description="Time at which the forge was read")]
    teams: list[TeamCounted]
    repositories: RepositoriesSynced
    deleted_at_forge: Annotated[int, Meta(description="Teams that no longer exist at the forge")] = 0
    empty: Annotated[int, Meta(description="Teams without people")] = 0
    excluded: Annotated[int, Meta(description="Teams on your list of teams to ignore")] = 0
    of_other_connections: Annotated[int, Meta(description="Teams that another connection syncs")] = 0
    over_limit: Annotated[int, Meta(description="Teams beyond SHIPLEDGER_TEAM_LIMIT")] = 0
    inaccessible_organizations: Annotated[int, Meta(description="Organizations that do not list their teams")] = 0
