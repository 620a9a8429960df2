"""Tokens per merged pull request: the response of `GET /api/v1/metrics/tokens-per-pr`."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.attribution import Interval
from service.contracts.spend.groups import DaySpan
from vocabulary.intervals import Doubt


class MergedFigures(Struct, frozen=True, kw_only=True):
    """What was merged in an earlier period, and what was spent on it."""

    merged_pull_requests: int
    tokens: TokensShown
    tokens_per_merged_pr: float | None
    fully_loaded_tokens_per_merged_pr: float | None
    cost_usd: UsdText
    cost_per_merged_pr_usd: UsdText | None


class MergedChange(Struct, frozen=True, kw_only=True):
    """Figures minus those of the earlier period, and ratios as a share of the earlier ones: 0.1 is 10 % more."""

    merged_pull_requests: int
    tokens: Annotated[int, Meta(description="Difference of the total")]
    cost_usd: UsdText
    tokens_per_merged_pr_ratio: Annotated[float | None, Meta(description="Null if nothing was merged or spent before")]
    cost_per_merged_pr_ratio: Annotated[float | None, Meta(description="Null if nothing was merged or spent before")]


class TokensPerPullRequest(Struct, frozen=True, kw_only=True):
    """One period and group; only the dimensions in `group_by` are present.

    Ratios divide sums by sums, and are null if nothing was merged.
    """

    period_start: Annotated[date, Meta(description="First UTC day of the period")]
    team: str | UnsetType = UNSET
    model: Annotated[str | UnsetType, Meta(description="Name of the model")] = UNSET
    repository: Annotated[
        str | UnsetType, Meta(description="Display label of the repository, or its artifact id without labels")
    ] = UNSET
    workflow: Annotated[str | UnsetType, Meta(description="Workflow tag; empty without one")] = UNSET
    evidence: Annotated[str | UnsetType, Meta(description="Kind of evidence")] = UNSET
    feature: Annotated[str | UnsetType, Meta(description="Name of the feature; empty without one")] = UNSET
    size: Annotated[int | UnsetType | None, Meta(description="Number of people in the team; null if unknown")] = UNSET
    merged_pull_requests: Annotated[
        int | None, Meta(description="Number of pull requests merged in the period; null if withheld")
    ]
    tokens: Annotated[
        TokensShown | None,
        Meta(
            description="Tokens of the pull requests merged in the period, whenever they were spent; null if withheld"
        ),
    ]
    tokens_per_merged_pr: Annotated[float | None, Meta(description="`tokens` divided by `merged_pull_requests`")]
    fully_loaded_tokens_per_merged_pr: Annotated[
        float | None, Meta(description="All tokens received in the period, divided by `merged_pull_requests`")
    ]
    cost_usd: UsdText | None
    cost_per_merged_pr_usd: UsdText | None
    interval: Annotated[
        Interval | UnsetType | None,
        Meta(description="Bounds of the true total of `tokens`; only by team, and null until the team is calibrated"),
    ] = UNSET
    reliable: Annotated[
        bool | UnsetType | None,
        Meta(
            description="Whether the figure can stand alone: at least 60 % of the tokens are linked, or 30 % of a sum "
            "over 25 pull requests with enough links to measure exploration; only by team"
        ),
    ] = UNSET
    unreliable_because: Annotated[
        list[Doubt] | UnsetType | None,
        Meta(
            description="Why it is not reliable, most important first, as in docs/accuracy.md; empty if it is; only "
            "by team, and null if withheld"
        ),
    ] = UNSET
    withheld_reason: Annotated[
        str | None, Meta(description="Why the figures of a small team are null; null if they are shown")
    ]
    before: Annotated[
        MergedFigures | UnsetType | None, Meta(description="The earlier period, only with `compare`; null if withheld")
    ] = UNSET
    change: Annotated[
        MergedChange | UnsetType | None, Meta(description="What changed since, only with `compare`; null if withheld")
    ] = UNSET


class TokensPerPullRequestList(Struct, frozen=True, kw_only=True):
    """Periods, oldest first, then groups by name."""

    items: list[TokensPerPullRequest]
    next_cursor: NextCursor
    compared_with: Annotated[DaySpan | UnsetType, Meta(description="The earlier period, only with `compare`")] = UNSET
