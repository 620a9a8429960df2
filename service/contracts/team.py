"""Teams: requests and responses."""

from datetime import date, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.contracts.values import Name, TeamHandle, Title
from service.contracts.amounts import NextCursor

MAXIMUM_NAMES = 10_000


class TeamIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team to create or change, by name. Only the given fields change."""

    name: Annotated[Title, Meta(description="Name of the team")]
    new_name: Annotated[Title, Meta(description="New name of the team")] | None = None
    size: (
        Annotated[int, Meta(ge=1, le=1000000, description="Number of people; null removes the size")] | UnsetType | None
    ) = UNSET
    telemetry_ids: Annotated[
        list[Title],
        Meta(
            max_length=MAXIMUM_NAMES,
            description="`team.id` values of agents that belong to the team from now on; they move from any other team",
        ),
    ] = []
    remove_telemetry_ids: Annotated[
        list[Title], Meta(max_length=MAXIMUM_NAMES, description="`team.id` values to return to the default team")
    ] = []
    repositories: Annotated[
        list[Name],
        Meta(
            max_length=MAXIMUM_NAMES,
            description="Repositories as host/owner/name whose pull requests belong to the team; they move from any "
            "other team",
        ),
    ] = []
    remove_repositories: Annotated[
        list[Name], Meta(max_length=MAXIMUM_NAMES, description="Repositories to return to the default team")
    ] = []
    code_owners: Annotated[
        list[TeamHandle],
        Meta(
            max_length=MAXIMUM_NAMES,
            description="Handles of the team in CODEOWNERS files, stored as keyed hashes; a pull request with known "
            "code owners belongs to their team, not the repository's",
        ),
    ] = []
    remove_code_owners: Annotated[
        list[TeamHandle], Meta(max_length=MAXIMUM_NAMES, description="Handles to remove")
    ] = []
    effective_from: Annotated[
        date | None,
        Meta(
            description="UTC day on which repositories move, today at the latest: pull requests merged or closed "
            "before, and earlier releases, stay with the previous team; null for all time"
        ),
    ] = None


class TeamShown(Struct, frozen=True, kw_only=True):
    """A team. A removed team keeps what it spent and merged before, and receives nothing more."""

    id: int
    name: str
    size: Annotated[int | None, Meta(description="Number of people; null if unknown")]
    size_counted: Annotated[bool, Meta(description="True if the size comes from a forge")]
    is_default: Annotated[bool, Meta(description="True for the team of everything without a team")]
    telemetry_ids: Annotated[list[str], Meta(description="`team.id` values of its agents")]
    repositories: Annotated[list[str], Meta(description="Artifact ids of its repositories; names are not stored")]
    code_owners: Annotated[int, Meta(description="Number of its handles in CODEOWNERS files")]
    removed_at: Annotated[datetime | None, Meta(description="Null unless the team was removed")] = None


class TeamList(Struct, frozen=True, kw_only=True):
    """Teams in order of creation."""

    items: list[TeamShown]
    next_cursor: NextCursor
