"""Spend: the response of `GET /api/v1/spend`."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.reconciliation import CostKind
from service.contracts.spend.groups import DaySpan, PeriodGroup


class SpendFigures(Struct, frozen=True, kw_only=True):
    """What was spent."""

    tokens: TokensShown
    cost_usd: UsdText
    requests: Annotated[
        int, Meta(description="Model requests; those of a window that several pull requests share are split by tokens")
    ]
    failed_requests: int
    mean_duration_ms: Annotated[
        float | None, Meta(description="Mean over the requests whose duration is known; null without any")
    ]


class SpendChange(Struct, frozen=True, kw_only=True):
    """Figures minus those of the compared period."""

    tokens: Annotated[int, Meta(description="Difference of the total")]
    cost_usd: UsdText
    requests: int
    cost_ratio: Annotated[
        float | None, Meta(description="Change of the cost divided by the earlier cost; null if that is 0")
    ]


class SpendTotal(Struct, frozen=True, kw_only=True):
    """The sum of all items of all pages, withheld ones included."""

    figures: SpendFigures
    before: Annotated[SpendFigures | None, Meta(description="The compared period; null without `compare`")]
    change: SpendChange | None


class SpendShown(PeriodGroup, frozen=True, kw_only=True):
    """What one period and group spent."""

    fate: Annotated[str | UnsetType, Meta(description="`merged`, `in_flight`, `abandoned` or `overhead`")] = UNSET
    evidence: Annotated[str | UnsetType, Meta(description="Kind of evidence; `overhead` without a pull request")] = (
        UNSET
    )
    context_tier: str | UnsetType = UNSET
    prompt_version: Annotated[
        str | UnsetType, Meta(description="Version of the prompt template; empty without one")
    ] = UNSET
    figures: Annotated[SpendFigures | None, Meta(description="Null if withheld")]
    before: Annotated[SpendFigures | None, Meta(description="The compared period; null without `compare`")]
    change: SpendChange | None
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")]


class SpendList(DaySpan, frozen=True, kw_only=True):
    """Periods, oldest first, then groups by name; or the dearest group first."""

    compared_with: Annotated[DaySpan | None, Meta(description="The compared period; null without `compare`")]
    cost_kind: CostKind
    settled: Annotated[
        bool, Meta(description="Whether the period is settled; if false, tokens are missing and figures will change")
    ]
    total: Annotated[SpendTotal | None, Meta(description="Null if the requested team is withheld")]
    items: list[SpendShown]
    next_cursor: NextCursor
