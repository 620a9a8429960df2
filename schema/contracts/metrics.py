"""Tokens per merged pull request as JSON, by period and by one dimension."""

from datetime import date

from msgspec import UNSET, Struct, UnsetType

from schema.contracts.values import TokensShown, UsdText


class TokensPerPullRequest(Struct, frozen=True, kw_only=True):
    """One period of one team, model, repository, workflow or evidence; only the dimension grouped by is present.

    `tokens` and `cost_usd` are everything attributed to the pull requests merged in the period, whenever it was spent.
    Ratios are sums over sums, null where nothing was merged. `fully_loaded` divides all tokens received in the period.
    `withheld_reason` says why the figures of a small team are null.
    """

    period_start: date
    team: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    repository: str | UnsetType = UNSET
    workflow: str | UnsetType = UNSET
    evidence: str | UnsetType = UNSET
    size: int | UnsetType | None = UNSET
    merged_pull_requests: int | None
    tokens: TokensShown | None
    tokens_per_merged_pr: float | None
    fully_loaded_tokens_per_merged_pr: float | None
    cost_usd: UsdText | None
    cost_per_merged_pr_usd: UsdText | None
    withheld_reason: str | None


class TokensPerPullRequestList(Struct, frozen=True, kw_only=True):
    """Periods, oldest first."""

    items: list[TokensPerPullRequest]
    next_cursor: str | None
