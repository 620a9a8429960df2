"""Tokens per merged pull request: the response of `GET /api/v1/metrics/tokens-per-pr`."""

from datetime import date

from msgspec import UNSET, Struct, UnsetType

from schema.contracts.values import TokensShown, UsdText
from service.contracts.attribution import Interval


class TokensPerPullRequest(Struct, frozen=True, kw_only=True):
    """One period and one group; only the dimension in `group_by` is present.

    `tokens` and `cost_usd` are everything attributed to the pull requests merged in the period, whenever it was spent.
    Ratios divide sums by sums, and are null if nothing was merged. Fully loaded ratios divide all tokens received in
    the period. `withheld_reason` says why the figures of a small team are null. By team, `interval` bounds the true
    total of `tokens`, and is null until the team is calibrated; `reliable` is false if less than 60 % of the tokens are
    linked and fewer than 25 pull requests are summed.
    """

    period_start: date
    team: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    repository: str | UnsetType = UNSET
    workflow: str | UnsetType = UNSET
    evidence: str | UnsetType = UNSET
    feature: str | UnsetType = UNSET
    size: int | UnsetType | None = UNSET
    merged_pull_requests: int | None
    tokens: TokensShown | None
    tokens_per_merged_pr: float | None
    fully_loaded_tokens_per_merged_pr: float | None
    cost_usd: UsdText | None
    cost_per_merged_pr_usd: UsdText | None
    interval: Interval | UnsetType | None = UNSET
    reliable: bool | UnsetType | None = UNSET
    withheld_reason: str | None


class TokensPerPullRequestList(Struct, frozen=True, kw_only=True):
    """Periods, oldest first."""

    items: list[TokensPerPullRequest]
    next_cursor: str | None
