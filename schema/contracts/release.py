"""Releases: the body of `POST /api/v1/releases`."""

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
    """A release or tag as of `updated_at` (default: `released_at`), and the numbers of the pull requests it ships.

    The tag names the family (`pkg@1.2.3`, `@scope/pkg@1.2.3`, `pkg/v1.2.3`; otherwise the repository) and the version.
    If several releases of a family list a pull request, it belongs to the earliest. Without `pull_requests`, the
    release ships what was merged (into `branch`, if set) since the previous release of its family.
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
        """Check that all times can be converted to UTC."""
        check_calendar(self.released_at, self.updated_at)


class ReleaseBatch(Struct, frozen=True):
    """Releases, accepted all or none."""

    items: Annotated[list[ReleaseIn], Meta(max_length=MAXIMUM_ITEMS)]
