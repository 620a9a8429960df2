"""Teams as JSON: whose tokens and whose pull requests are compared."""

from datetime import date, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.contracts.values import Name, TeamHandle, Title

MAXIMUM_NAMES = 10_000


class TeamIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team by its name; sending it again changes what is told and keeps the rest. A `size` of null is forgotten.

    `telemetry_ids` are the `team.id` values of agents that mean this team, from now on. `repositories`
    (host/owner/name) are those whose pull requests are the team's; both are taken from any other team, and what is
    removed goes back to the default team. With `effective_from` (a UTC day, today at the latest) repositories change
    hands on that day: pull requests that were merged or closed before, and releases made before, stay with the team
    that had them. `code_owners` are the handles in CODEOWNERS files that mean this team; they are kept as keyed hashes,
    and beat the repository's team wherever an import tells them of a pull request.
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
    """A team; `repositories` are artifact ids, since names are not kept, and `code_owners` how many handles.

    `size_counted` is whether a forge counted its people, and nobody told them by hand.
    One that was removed at `removed_at` stands for what it spent and merged before, and takes nothing more.
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
    """Teams in the order in which they were made."""

    items: list[TeamShown]
    next_cursor: str | None
