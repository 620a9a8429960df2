"""Outcomes of pull requests, in `GET /api/v1/attributions` and `/releases`. They name no person."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import TokensShown, UsdText


class Outcomes(Struct, frozen=True, kw_only=True):
    """Outcomes of one pull request."""

    reverted_at: Annotated[
        datetime | None,
        Meta(
            description="When a pull request or a single commit reverted it; null if it was not, or if the revert "
            "was itself reverted"
        ),
    ]
    reverted_by: Annotated[
        str | None, Meta(description="Artifact id of the pull request that reverted it; null for a single commit")
    ]
    fix_released_at: Annotated[
        datetime | None,
        Meta(
            description="Time of the first patch release within 14 days of the release that shipped it; null without "
            "one"
        ),
    ]
    pushes_after_opening: Annotated[int, Meta(description="Number of pushes after it was opened")]
    review_rounds: Annotated[int, Meta(description="Rounds of reviews and comments between two pushes")]
    changed_lines: Annotated[int | None, Meta(description="Null if the forge does not report it")]
    changed_files: Annotated[int | None, Meta(description="Null if the forge does not report it")]


class OutcomeSums(Struct, frozen=True, kw_only=True):
    """Sums over several pull requests."""

    pushes_after_opening: Annotated[int, Meta(description="Number of pushes after opening")]
    review_rounds: Annotated[int, Meta(description="Rounds of reviews and comments between two pushes")]
    sized: Annotated[int, Meta(description="Number of pull requests whose size is known")]
    changed_lines: Annotated[int, Meta(description="Changed lines of the sized pull requests")]
    changed_files: Annotated[int, Meta(description="Changed files of the sized pull requests")]


class RevertedShare(Struct, frozen=True, kw_only=True):
    """Pull requests that were shipped and reverted; they are in no other sum."""

    pull_requests: Annotated[int, Meta(description="Number of pull requests")]
    tokens: TokensShown
    cost_usd: UsdText
