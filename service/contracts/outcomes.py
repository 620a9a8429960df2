"""Outcomes of pull requests, in `GET /api/v1/attributions` and `/releases`. They name no person."""

from datetime import datetime

from msgspec import Struct

from schema.contracts.values import TokensShown, UsdText


class Outcomes(Struct, frozen=True, kw_only=True):
    """Outcomes of one pull request.

    `reverted_at` is when the pull request `reverted_by`, or a single commit (null), reverted it, unless the revert was
    itself reverted. `fix_released_at` is the time of the first patch release within 14 days of the release that shipped
    it. A review round is the reviews and comments between two pushes. Sizes are null if the forge does not report them.
    """

    reverted_at: datetime | None
    reverted_by: str | None
    fix_released_at: datetime | None
    pushes_after_opening: int
    review_rounds: int
    changed_lines: int | None
    changed_files: int | None


class OutcomeSums(Struct, frozen=True, kw_only=True):
    """Sums over several pull requests; `sized` of them have a size, and size sums include only those."""

    pushes_after_opening: int
    review_rounds: int
    sized: int
    changed_lines: int
    changed_files: int


class RevertedShare(Struct, frozen=True, kw_only=True):
    """Pull requests that were shipped and reverted; they are in no other sum."""

    pull_requests: int
    tokens: TokensShown
    cost_usd: UsdText
