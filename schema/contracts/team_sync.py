"""Team syncs: settings, state and reports. They contain counts of people only."""

from datetime import datetime

from msgspec import Struct


class TeamCounted(Struct, frozen=True, kw_only=True):
    """A team at the forge, with its number of people now and before the sync.

    `by_hand` means that the size was set by hand, and that the sync keeps it.
    """

    name: str
    people: int
    before: int | None
    is_new: bool
    by_hand: bool


class RepositoriesSynced(Struct, frozen=True, kw_only=True):
    """Counts of known repositories by what the sync did with their team.

    `given` got their first team, `moved` went to another, `taken_back` returned to the default team. `by_hand` keep the
    team that was set by hand, `shared` have several teams at the forge, and `unowned` have no team there.
    """

    given: int = 0
    moved: int = 0
    taken_back: int = 0
    unchanged: int = 0
    by_hand: int = 0
    shared: int = 0
    unowned: int = 0


class TeamSyncReport(Struct, frozen=True, kw_only=True):
    """What a sync changed, or a dry run would change.

    `gone` teams no longer exist at the forge, `empty` ones have no people, `elsewhere` belong to another connection,
    `over_limit` exceed SHIPLEDGER_TEAM_LIMIT. `closed` counts organizations whose teams cannot be read.
    """

    looked_at: datetime
    teams: list[TeamCounted]
    repositories: RepositoriesSynced
    gone: int = 0
    empty: int = 0
    left_out: int = 0
    elsewhere: int = 0
    over_limit: int = 0
    closed: int = 0
