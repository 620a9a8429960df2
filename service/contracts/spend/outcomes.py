"""Tokens and money per outcome: the response of `GET /api/v1/outcomes`."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.reconciliation import CostKind


class OutcomeFigures(Struct, frozen=True, kw_only=True):
    """Outcomes, and what was spent. Ratios divide sums by sums, and are null if the divisor is 0."""

    outcomes: Annotated[int, Meta(description="Number of outcomes")]
    tokens: TokensShown
    cost_usd: UsdText
    tokens_per_outcome: float | None
    cost_per_outcome_usd: UsdText | None
    success_rate: Annotated[float | None, Meta(description="Successes divided by the outcomes whose success is known")]
    quality: Annotated[float | None, Meta(description="Mean over the outcomes whose quality is known, from 0 to 1")]


class OutcomesShown(Struct, frozen=True, kw_only=True):
    """One period and group; only the dimension in `group_by` is present."""

    period_start: Annotated[date, Meta(description="First UTC day of the period")]
    team: str | UnsetType = UNSET
    feature: Annotated[str | UnsetType, Meta(description="Name of the feature; empty without one")] = UNSET
    workflow: Annotated[str | UnsetType, Meta(description="Workflow tag; empty without one")] = UNSET
    prompt_version: Annotated[str | UnsetType, Meta(description="Version of a prompt template; empty without one")] = (
        UNSET
    )
    figures: Annotated[OutcomeFigures | None, Meta(description="Null if withheld")]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")]


class OutcomeList(Struct, frozen=True, kw_only=True):
    """Periods, oldest first, then groups by name. Items sum to the total, withheld ones included."""

    first_day: Annotated[date, Meta(description="First UTC day")]
    last_day: Annotated[date, Meta(description="Last UTC day, inclusive")]
    cost_kind: CostKind
    settled: Annotated[bool, Meta(description="Whether all tokens of the period are settled, and all outcomes summed")]
    total: Annotated[OutcomeFigures | None, Meta(description="Null if the requested team is withheld")]
    items: list[OutcomesShown]
    next_cursor: NextCursor
