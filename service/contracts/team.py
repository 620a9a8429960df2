"""Teams: requests and responses."""

from datetime import date, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.contracts.values import Name, TeamHandle, Title

MAXIMUM_NAMES = 10_000


class TeamIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team to create or change, by name. Only the given fields change; a `size` of null removes the size.

    `telemetry_ids` are `team.id` values of agents that belong to the team from now on. `repositories` (host/owner/name)
    are those whose pull requests belong to the team. Both move from any other team; removed ones return to the default
    team. With `effective_from` (a UTC day, today at the latest), repositories move on that day: pull requests merged or
    closed before, and earlier releases, stay with the previous team. `code_owners` are the team's handles in CODEOWNERS
    files, stored as keyed hashes; a pull request with known code owners belongs to their team, not the repository's.
    """

    name: Title
    new_name: Title | None = None
    size: Annotated[int, Meta(ge=1, le=1_000_000)] | UnsetType | None = UNSET
    telemetry_ids: Annotated[list[Title], Meta(max_length=MAXIMUM_NAMES)] = []
    remove_telemetry_ids: Annotated[list[Title], Meta(max_length=MAXIMUM_NAMES)] = []
    repositories: Annotated[list[Name], Meta(max_length=MAXIMUM_NAMES)] = []
    remove_repositories: Annotated[list[Name], Meta(max_length=MAXIMUM_NAMES)] = []
    code_owners: Annotated[list[TeamHandle], Meta(max_length=MAXIMUM_NAMES)] = []
    remove_code_owners: Annotated[list[TeamHandle], Meta(max_length=MAXIMUM_NAMES)] = []
    effective_from: date | None = None


class TeamShown(Struct, frozen=True, kw_only=True):
    """A team; `repositories` are artifact ids, as names are not stored, and `code_owners` is the number of handles.

    `size_counted` is true if the size comes from a forge. A team removed at `removed_at` keeps what it spent and merged
    before, and receives nothing more.
    """

    id: int
    name: str
    size: int | None
    size_counted: bool
    is_default: bool
    telemetry_ids: list[str]
    repositories: list[str]
    code_owners: int
    removed_at: datetime | None = None


class TeamList(Struct, frozen=True, kw_only=True):
    """Teams in order of creation."""

    items: list[TeamShown]
    next_cursor: str | None
