"""Releases: the body of `POST /api/v1/releases`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schema.contracts.values import ForgeId, Instant, Name, Number, Revision, check_calendar
from vocabulary.forge import Forge

MAXIMUM_ITEMS = 1_000
MAXIMUM_PULL_REQUESTS = 50_000


class ReleaseIn(Struct, frozen=True, kw_only=True):
    """A release or tag as of `updated_at`.

    The tag names the family (`pkg@1.2.3`, `@scope/pkg@1.2.3`, `pkg/v1.2.3`; otherwise the repository) and the version.
    If several releases of a family list a pull request, it belongs to the earliest.
    """

    forge: Forge
    repository: Annotated[Name, Meta(description="Repository as host/owner/name or clone URL")]
    tag: Annotated[Name, Meta(description="Name of the tag")]
    state: Literal["tag", "draft", "prerelease", "published", "deleted"]
    released_at: Instant
    repository_id: ForgeId | None = None
    updated_at: (
        Annotated[Instant, Meta(description="Time at which this state was valid (default: `released_at`)")] | None
    ) = None
    commit: Annotated[Revision, Meta(description="Full SHA of the tagged commit")] | None = None
    branch: (
        Annotated[
            Name,
            Meta(
                description="Branch of the release; without `pull_requests`, it ships only what was merged into this "
                "branch"
            ),
        ]
        | None
    ) = None
    pull_requests: (
        Annotated[
            list[Number],
            Meta(
                max_length=MAXIMUM_PULL_REQUESTS,
                description="Numbers of the pull requests it ships; null for what was merged since the previous "
                "release of its family",
            ),
        ]
        | None
    ) = None
    by_package_folder: (
        Annotated[
            bool,
            Meta(description="Whether `pull_requests` are only those that changed the folder of the tag's package"),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        """Check that all times can be converted to UTC."""
        check_calendar(self.released_at, self.updated_at)


class ReleaseBatch(Struct, frozen=True):
    """Releases, accepted all or none."""

    items: Annotated[list[ReleaseIn], Meta(max_length=MAXIMUM_ITEMS)]
