"""What became of pull requests, as `GET /api/v1/attributions` and `/releases` show it. Nobody is named."""

from datetime import datetime

from msgspec import Struct

from schema.contracts.values import TokensShown, UsdText


class Outcomes(Struct, frozen=True, kw_only=True):
    """What became of one pull request.

    `reverted_at` is when a merged pull request, `reverted_by`, or a commit on its own (null) took it back, unless that
    was taken back itself. `fix_released_at` is when the first patch came out that followed the release that shipped it
    within 14 days. A review round is the reviews and comments between two pushes. Sizes are null where the forge does
    not tell them.
    """

    reverted_at: datetime | None
    reverted_by: str | None
    fix_released_at: datetime | None
    pushes_after_opening: int
    review_rounds: int
    changed_lines: int | None
    changed_files: int | None


class OutcomeSums(Struct, frozen=True, kw_only=True):
    """Outcomes of several pull requests added up; `sized` of them have a size, and only those are in its sums."""

    pushes_after_opening: int
    review_rounds: int
    sized: int
    changed_lines: int
    changed_files: int


class RevertedShare(Struct, frozen=True, kw_only=True):
    """What was shipped and taken back: shown apart, and in no other sum."""

    pull_requests: int
    tokens: TokensShown
    cost_usd: UsdText
