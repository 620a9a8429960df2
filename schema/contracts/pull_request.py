"""Pull requests: the body of `POST /api/v1/pull-requests`, for imports and other forges.

    {"items": [{"forge": "github", "repository": "github.com/octo-org/octo-repo", "number": 7, "state": "merged",
                "opened_at": "2026-11-20T09:00:00Z", "merged_at": "2026-11-21T16:30:00Z"}]}

Branch names and commits are hashed on arrival and never stored. Unknown fields are dropped.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from schema.contracts.values import Count, ForgeId, Instant, Name, Number, Revision, TeamHandle, check_calendar
from vocabulary.forge import Forge

MAXIMUM_ITEMS = 1_000
MAXIMUM_COMMITS = 10_000
MAXIMUM_REVERTS = 100
MAXIMUM_OWNERS = 100


class CommitIn(Struct, frozen=True, kw_only=True):
    """A commit of a pull request."""

    sha: Revision
    authored_at: Instant

    def __post_init__(self) -> None:
        """Check that all times can be converted to UTC."""
        check_calendar(self.authored_at)


class PullRequestIn(Struct, frozen=True, kw_only=True):
    """A pull request as of `updated_at`. Older data never replaces newer data."""

    forge: Forge
    repository: Annotated[Name, Meta(description="Repository as host/owner/name or clone URL")]
    number: Annotated[Number, Meta(description="Number of the pull request in its repository")]
    state: Annotated[
        Literal["open", "merged", "abandoned"], Meta(description="`abandoned` means closed without a merge")
    ]
    opened_at: Instant
    repository_id: ForgeId | None = None
    draft: Annotated[bool | None, Meta(description="Null if unknown")] = None
    merged_at: Instant | None = None
    closed_at: Instant | None = None
    updated_at: (
        Annotated[Instant, Meta(description="Time at which this state was valid (default: the last change of state)")]
        | None
    ) = None
    head_branch: Annotated[Name, Meta(description="Source branch")] | None = None
    base_branch: Annotated[Name, Meta(description="Target branch")] | None = None
    commits: Annotated[list[CommitIn], Meta(max_length=MAXIMUM_COMMITS, description="Commits of the pull request")] = []
    merge_commit: Annotated[Revision, Meta(description="Full SHA of the commit that merged it")] | None = None
    reviews: Annotated[list[Instant], Meta(max_length=MAXIMUM_COMMITS, description="Times of reviews")] = []
    changed_lines: Annotated[Count, Meta(description="Added plus deleted lines; null if unknown")] | None = None
    changed_files: Annotated[Count, Meta(description="Null if unknown")] | None = None
    reverts: Annotated[
        list[Number],
        Meta(
            max_length=MAXIMUM_REVERTS,
            description="Numbers of pull requests in the same repository that this one reverts once it is merged",
        ),
    ] = []
    bot: Annotated[bool | None, Meta(description="whether the author is a bot; null if unknown")] = None
    code_owners: Annotated[
        list[TeamHandle],
        Meta(
            max_length=MAXIMUM_OWNERS,
            description="Teams that CODEOWNERS names for the changed paths, the one with most paths first",
        ),
    ] = []

    def __post_init__(self) -> None:
        """Check that all times can be converted to UTC."""
        check_calendar(self.opened_at, self.merged_at, self.closed_at, self.updated_at, *self.reviews)

    @property
    def as_of(self) -> datetime:
        """The time at which this state is valid."""
        return self.updated_at or max(at for at in (self.opened_at, self.merged_at, self.closed_at) if at is not None)


class PullRequestBatch(Struct, frozen=True):
    """Pull requests, accepted all or none."""

    items: Annotated[list[PullRequestIn], Meta(max_length=MAXIMUM_ITEMS)]
