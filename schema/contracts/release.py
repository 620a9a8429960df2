"""Releases as JSON: told with `POST /api/v1/releases`, shown with what they cost."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from schema.contracts.attribution import EvidenceShares, Interval, ModelShare
from schema.contracts.outcomes import OutcomeSums, RevertedShare
from schema.contracts.values import (
    Forge,
    ForgeId,
    Instant,
    Name,
    Number,
    Revision,
    TokensShown,
    UsdText,
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


class TeamShare(Struct, frozen=True, kw_only=True):
    """The tokens that one team spent; `withheld_reason` says why they are null."""

    team: str
    tokens: TokensShown | None
    cost_usd: UsdText | None
    withheld_reason: str | None


class ReleaseShown(Struct, frozen=True, kw_only=True):
    """A release and the sum of what the pull requests cost that it shipped before any other release of its family.

    A prerelease ships what it shows first and its full release the rest, so that releases of one family add up without
    counting anything twice; those of several families of a repository may share pull requests. What was taken back is
    in `reverted` alone. `team` is that of the repository, `by_team` tells whose tokens they were. `fix_released_at` is
    when the first patch came out that followed within 14 days. `interval` is null until it is known; `reliable` is
    false where less than 60 % of the tokens are linked and fewer than 25 pull requests are summed.
    """

    artifact_id: str
    label: str | None
    forge: str
    state: str
    team: str
    released_at: datetime
    fix_released_at: datetime | None
    pull_requests: int
    tokens: TokensShown
    cost_usd: UsdText
    by_model: list[ModelShare]
    by_team: list[TeamShare]
    evidence: EvidenceShares
    interval: Interval | None
    reliable: bool
    reverted: RevertedShare
    outcomes: OutcomeSums


class ReleaseDetail(ReleaseShown, frozen=True, kw_only=True):
    """A release with the artifact ids of its pull requests, those too of which nothing else is known yet."""

    pull_request_ids: list[str]
    reverted_pull_request_ids: list[str]


class ReleaseList(Struct, frozen=True, kw_only=True):
    """Releases, newest first."""

    items: list[ReleaseShown]
    next_cursor: str | None
