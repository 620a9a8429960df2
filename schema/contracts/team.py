"""Teams as JSON: whose tokens and whose pull requests are compared."""

from typing import Annotated

from msgspec import Meta, Struct

from schema.contracts.values import Name, Title

MAXIMUM_NAMES = 10_000


class TeamIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team by its name; sending it again changes what is told and keeps the rest.

    `telemetry_ids` are the `team.id` values of agents that mean this team, from now on. `repositories`
    (host/owner/name) are those whose pull requests are the team's; both are taken from any other team.
    """

    name: Title
    size: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    telemetry_ids: Annotated[list[Title], Meta(max_length=MAXIMUM_NAMES)] = []
    repositories: Annotated[list[Name], Meta(max_length=MAXIMUM_NAMES)] = []


class TeamShown(Struct, frozen=True, kw_only=True):
    """A team; `repositories` are artifact ids, since names are not kept."""

    id: int
    name: str
    size: int | None
    is_default: bool
    telemetry_ids: list[str]
    repositories: list[str]


class TeamList(Struct, frozen=True, kw_only=True):
    """Teams in the order in which they were made."""

    items: list[TeamShown]
    next_cursor: str | None
