"""Releases with their cost: the response of `GET /api/v1/releases`."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.attribution import EvidenceShares, Interval, ModelShare
from service.contracts.outcomes import OutcomeSums, RevertedShare
from service.contracts.spend.groups import DaySpan, PeriodGroup
from vocabulary.intervals import Doubt


class TeamShare(Struct, frozen=True, kw_only=True):
    """Tokens and cost of one team."""

    team: str
    tokens: Annotated[TokensShown | None, Meta(description="Null if withheld")]
    cost_usd: UsdText | None
    withheld_reason: Annotated[str | None, Meta(description="Why tokens and cost are null; null if they are shown")]


class ReleaseShown(Struct, frozen=True, kw_only=True):
    """A release, and the total cost of the pull requests that it was the first in its family to ship.

    A full release does not ship again what its prereleases shipped, so the releases of a family add up; releases of
    different families may share pull requests.
    """

    artifact_id: Annotated[str, Meta(description="Artifact id of the release")]
    label: Annotated[str | None, Meta(description="Display label; null unless labels are turned on")]
    forge: Annotated[str, Meta(description="github or gitlab")]
    state: Annotated[str, Meta(description="published, prerelease or tag")]
    team: Annotated[str, Meta(description="Team that owns the repository")]
    released_at: datetime
    fix_released_at: Annotated[
        datetime | None, Meta(description="Time of the first patch release within 14 days; null without one")
    ]
    by_package_folder: Annotated[
        bool | None,
        Meta(
            description="For a tag that names a package: whether only pull requests that changed its folder count; "
            "false if the paths are unknown, so that all count. Null for other tags"
        ),
    ]
    pull_requests: Annotated[int, Meta(description="Number of pull requests, without reverted ones")]
    tokens: TokensShown
    cost_usd: UsdText
    by_model: Annotated[list[ModelShare], Meta(description="Tokens and cost by model")]
    by_team: Annotated[list[TeamShare], Meta(description="Tokens and cost by the teams that spent them")]
    evidence: EvidenceShares
    interval: Annotated[Interval | None, Meta(description="Bounds of the true total of tokens; null until known")]
    reliable: Annotated[
        bool,
        Meta(
            description="Whether the figure can stand alone: at least 60 % of the tokens are linked, or 30 % of a sum "
            "over 25 pull requests with enough links to measure the share of exploration"
        ),
    ]
    unreliable_because: Annotated[
        list[Doubt],
        Meta(description="Why it is not reliable, most important first, as in docs/accuracy.md; empty if it is"),
    ]
    reverted: RevertedShare
    outcomes: OutcomeSums


class ShippedPullRequest(Struct, frozen=True, kw_only=True):
    """A pull request that a release shipped."""

    artifact_id: Annotated[str, Meta(description="Artifact id of the pull request")]
    label: Annotated[str | None, Meta(description="Display label; null unless labels are turned on, or if unknown")]
    reverted: Annotated[bool, Meta(description="Whether it was reverted since")]


class ReleaseDetail(ReleaseShown, frozen=True, kw_only=True):
    """A release with its pull requests, including those known by id only."""

    pull_request_ids: Annotated[list[str], Meta(description="Artifact ids of the pull requests")]
    reverted_pull_request_ids: Annotated[list[str], Meta(description="Artifact ids of the reverted pull requests")]
    shipped: Annotated[list[ShippedPullRequest], Meta(description="All of them with their names, newest merge first")]


class ReleaseFigures(Struct, frozen=True, kw_only=True):
    """Releases of a period, and the pull requests that they were the first to ship. Ratios divide sums by sums."""

    releases: int
    pull_requests: Annotated[int, Meta(description="Number of pull requests, without reverted ones")]
    tokens: TokensShown
    tokens_per_release: float | None
    cost_usd: UsdText
    cost_per_release_usd: UsdText | None


class ReleaseChange(Struct, frozen=True, kw_only=True):
    """Figures minus those of the earlier period."""

    releases: int
    pull_requests: int
    tokens: Annotated[int, Meta(description="Difference of the total")]
    cost_usd: UsdText
    cost_per_release_ratio: Annotated[
        float | None,
        Meta(description="Change of the cost per release as a share; null without a cost before"),
    ]


class ReleaseSum(PeriodGroup, frozen=True, kw_only=True):
    """The releases of one period and group."""

    evidence: Annotated[str | UnsetType, Meta(description="Kind of evidence")] = UNSET
    figures: Annotated[ReleaseFigures | None, Meta(description="Null if withheld")]
    before: Annotated[ReleaseFigures | None, Meta(description="The compared period; null without `compare`")]
    change: ReleaseChange | None
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")]


class ReleaseSums(DaySpan, frozen=True, kw_only=True):
    """Sums of all releases of the period. A pull request counts in the first release that shipped it."""

    compared_with: Annotated[DaySpan | None, Meta(description="The compared period; null without `compare`")]
    rows: Annotated[list[ReleaseSum], Meta(description="Periods, oldest first, then groups by name")]


class ReleaseList(Struct, frozen=True, kw_only=True):
    """Releases, newest first."""

    items: list[ReleaseShown]
    next_cursor: NextCursor
    explanation: Annotated[
        str | None, Meta(description="Why the list is empty, such as an unknown repository; null otherwise")
    ] = None
    sums: Annotated[
        ReleaseSums | UnsetType, Meta(description="Only with `bucket`, `group_by` or `compare`, and on the first page")
    ] = UNSET
