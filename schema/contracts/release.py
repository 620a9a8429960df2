"""Releases as JSON: `POST /api/v1/releases`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schema.contracts.values import (
    Forge,
    ForgeId,
    Instant,
    Name,
    Number,
    Revision,
    check_calendar,
)

MAXIMUM_ITEMS = 1_000
MAXIMUM_PULL_REQUESTS = 50_000


class ReleaseIn(Struct, frozen=True, kw_only=True):
    """A release or tag as of `updated_at` (else `released_at`), and the numbers of the pull requests it ships.

    The tag tells family (`pkg@1.2.3`, `@scope/pkg@1.2.3`, `pkg/v1.2.3`; else the repository itself) and version.
    A pull request that several releases of a family name belongs to the earliest of them. Where `pull_requests` is left
    out, the release ships what was merged since the one before it of its family, into `branch` where that is told.
    """

    forge: Forge
    repository: Name
    tag: Name
    state: Literal["tag", "draft", "prerelease", "published", "deleted"]
    released_at: Instant
    repository_id: ForgeId | None = None
    updated_at: Instant | None = None
    commit: Revision | None = None
    branch: Name | None = None
    pull_requests: Annotated[list[Number], Meta(max_length=MAXIMUM_PULL_REQUESTS)] | None = None

    def __post_init__(self) -> None:
        """Refuse times that have no place in UTC."""
        check_calendar(self.released_at, self.updated_at)


class ReleaseBatch(Struct, frozen=True):
    """A bulk of releases, accepted whole or not at all."""

    items: Annotated[list[ReleaseIn], Meta(max_length=MAXIMUM_ITEMS)]
