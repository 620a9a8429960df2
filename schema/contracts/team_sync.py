"""Teams counted at forges: what is switched, what was found, and what changed. Of people there are counts alone."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.contracts.values import TeamHandle

MOST_LEFT_OUT = 1000


class NewTeamSync(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a connection's teams are counted; handles in `left_out` mean no team, null leaves them as they are."""

    enabled: bool
    left_out: Annotated[list[TeamHandle], Meta(max_length=MOST_LEFT_OUT)] | None = None


class WantedTeamSync(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which connection to look at now, none means all. A dry run changes nothing, and needs nothing switched on."""

    connection: str | None = None
    dry_run: bool = False


class TeamCounted(Struct, frozen=True, kw_only=True):
    """A team that the forge tells of, how many people it told before and tells now.

    Where `by_hand`, the size that somebody told stays, whatever the forge counts.
    """

    name: str
    people: int
    before: int | None
    is_new: bool
    by_hand: bool


class RepositoriesSynced(Struct, frozen=True, kw_only=True):
    """Of the known repositories how many: got their first team, went to another, or back to the default team.

    `by_hand` have a team by hand, which stays; `shared` have several teams at the forge, and `unowned` none.
    """

    given: int = 0
    moved: int = 0
    taken_back: int = 0
    unchanged: int = 0
    by_hand: int = 0
    shared: int = 0
    unowned: int = 0


class TeamSyncReport(Struct, frozen=True, kw_only=True):
    """What one look changed, or would have changed.

    `gone` teams are at the forge no more, `empty` ones have no people, `elsewhere` are those of another connection;
    `over_limit` would be more teams than SHIPLEDGER_TEAM_LIMIT, and `closed` are organizations that tell no teams.
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


class TeamSyncShown(Struct, frozen=True, kw_only=True):
    """How a connection's teams fare; `state` is off, running, synced, waiting, refused or failing.

    `reason` says why it does not succeed, and what to do about it.
    """

    connection: str
    forge: str
    host: str
    enabled: bool
    state: str
    reason: str | None
    left_out: int
    last_success_at: datetime | None
    next_at: datetime | None
    report: TeamSyncReport | None
    dry_run: TeamSyncReport | None


class TeamSyncList(Struct, frozen=True, kw_only=True):
    """Every connection for which it was switched on, or looked at once."""

    items: list[TeamSyncShown]
    next_cursor: str | None = None
