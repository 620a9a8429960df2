"""Tokens and money per outcome: the response of `GET /api/v1/outcomes`."""

from datetime import date, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.effects.study import EffectShown
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


class OutcomePoint(Struct, frozen=True, kw_only=True):
    """Success or quality at a level of use, relative to the lowest level; with a 95 % interval."""

    tokens_per_outcome: float
    relative: float
    low: float
    high: float


class OutcomeReturns(Struct, frozen=True, kw_only=True):
    """How success or quality goes with tokens per outcome: a curve that never falls; an association, not an effect."""

    points: list[OutcomePoint]
    flat_from: Annotated[
        float | None,
        Meta(description="Tokens per outcome from which doubling them goes with less than 5 % more; null if none"),
    ]


class PromptShown(Struct, frozen=True, kw_only=True):
    """A prompt template of a workflow over the last 12 weeks. Costs are list prices."""

    workflow: str
    prompt_version: str
    rank: Annotated[
        int | None,
        Meta(description="1 for the fewest tokens per outcome in its workflow; null below 20 outcomes or 8 days"),
    ]
    days: Annotated[int, Meta(description="UTC days with its tokens or outcomes")]
    outcomes: int
    tokens: int
    cost_usd: UsdText
    tokens_per_outcome: float | None
    low: Annotated[float | None, Meta(description="Lower end of its 95 % interval, from the spread between days")]
    high: Annotated[float | None, Meta(description="Upper end of its 95 % interval")]
    cost_per_outcome_usd: UsdText | None
    success_rate: float | None
    quality: float | None
    than_first: Annotated[
        EffectShown | None, Meta(description="How many more tokens per outcome it needs than the first of its workflow")
    ]


class OutcomeStudy(Struct, frozen=True, kw_only=True):
    """What tokens do for outcomes."""

    studied_at: Annotated[datetime | None, Meta(description="Null before the first study")]
    success: Annotated[
        OutcomeReturns | None, Meta(description="Success rate; null with fewer than 5 teams that report it")
    ]
    quality: Annotated[OutcomeReturns | None, Meta(description="Quality; null with fewer than 5 teams that report it")]
    prompts: Annotated[list[PromptShown], Meta(description="By workflow and rank, then those without a rank")]
