"""How much of spend shipped: the response of `GET /api/v1/metrics/conversion`."""

from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor, UsdText
from service.contracts.reconciliation import CostKind
from service.contracts.spend.groups import DaySpan, PeriodGroup


class ConvertedShares(Struct, frozen=True, kw_only=True):
    """Sums divided by sums; null where the divisor is 0."""

    merged: Annotated[float | None, Meta(description="Merged work divided by all spend")]
    released: Annotated[float | None, Meta(description="Released work divided by merged work")]
    reverted: Annotated[float | None, Meta(description="Reverted work divided by merged work")]


class Conversion(PeriodGroup, frozen=True, kw_only=True):
    """What of the spend of one period and group shipped."""

    cost_usd: Annotated[UsdText | None, Meta(description="All spend of the period; null if withheld")]
    merged_cost_usd: UsdText | None
    released_cost_usd: UsdText | None
    reverted_cost_usd: UsdText | None
    of_cost: Annotated[ConvertedShares | None, Meta(description="Null if withheld")]
    of_tokens: Annotated[ConvertedShares | None, Meta(description="Null if withheld")]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")]


class ConversionList(DaySpan, frozen=True, kw_only=True):
    """Periods, oldest first, then groups by name. Work counts in the period in which its tokens were spent."""

    cost_kind: CostKind
    items: list[Conversion]
    next_cursor: NextCursor
