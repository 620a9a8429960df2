"""Team syncs: settings, state and reports. They contain counts of people only."""

from datetime import datetime

from msgspec import Struct


class TeamCounted(Struct, frozen=True, kw_only=True):
    """A team at the forge, with its number of people now and before the sync.

    `set_manually` means that you set the size yourself, and that the sync keeps it.
    """

    name: str
    people: int
    before: int | None
    is_new: bool
    set_manually: bool


class RepositoriesSynced(Struct, frozen=True, kw_only=True):
    """Counts of known repositories by what the sync did with their team.

    `assigned` got their first team, `reassigned` went to another, `returned` went back to the default team.
    `set_manually` keep the team that you set, `shared` have several teams at the forge, and `unowned` have none there.
    """

    assigned: int = 0
    reassigned: int = 0
    returned: int = 0
    unchanged: int = 0
    set_manually: int = 0
    shared: int = 0
    unowned: int = 0


class TeamSyncReport(Struct, frozen=True, kw_only=True):
    """What a sync changed, or a dry run would change.

    `deleted_at_forge` teams no longer exist there, `empty` ones have no people, `excluded` ones are on your list of
    teams to ignore, `of_other_connections` are synced by another connection, and `over_limit` exceed
    SHIPLEDGER_TEAM_LIMIT. `inaccessible_organizations` do not list their teams.
    """

    looked_at: datetime
    teams: list[TeamCounted]
    repositories: RepositoriesSynced
    deleted_at_forge: int = 0
    empty: int = 0
    excluded: int = 0
    of_other_connections: int = 0
    over_limit: int = 0
    inaccessible_organizations: int = 0
