"""Tokens per merged pull request: the response of `GET /api/v1/metrics/tokens-per-pr`."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.attribution import Interval


class TokensPerPullRequest(Struct, frozen=True, kw_only=True):
    """One period and one group; only the dimension in `group_by` is present.

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
            description="False if less than 60 % of the tokens are linked and fewer than 25 pull requests are "
            "summed; only by team"
        ),
    ] = UNSET
    withheld_reason: Annotated[
        str | None, Meta(description="Why the figures of a small team are null; null if they are shown")
    ]


class TokensPerPullRequestList(Struct, frozen=True, kw_only=True):
    """Periods, oldest first."""

    items: list[TokensPerPullRequest]
    next_cursor: NextCursor
