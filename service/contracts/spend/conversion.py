"""How much of spend shipped: the response of `GET /api/v1/metrics/conversion`."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, UsdText
from service.contracts.reconciliation import CostKind


class ConvertedShares(Struct, frozen=True, kw_only=True):
    """Sums divided by sums; null where the divisor is 0."""

    merged: Annotated[float | None, Meta(description="Merged work divided by all spend")]
    released: Annotated[float | None, Meta(description="Released work divided by merged work")]
    reverted: Annotated[float | None, Meta(description="Reverted work divided by merged work")]


class Conversion(Struct, frozen=True, kw_only=True):
    """One period and group; only the dimension in `group_by` is present."""

    period_start: Annotated[date, Meta(description="First UTC day of the period")]
    team: str | UnsetType = UNSET
    repository: Annotated[
        str | UnsetType,
        Meta(description="Display label, or artifact id without labels; empty for tokens of no pull request"),
    ] = UNSET
    model: str | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    workflow: Annotated[str | UnsetType, Meta(description="Workflow tag; empty without one")] = UNSET
    feature: Annotated[str | UnsetType, Meta(description="Name of the feature; empty without one")] = UNSET
    cost_usd: Annotated[UsdText | None, Meta(description="All spend of the period; null if withheld")]
    merged_cost_usd: UsdText | None
    released_cost_usd: UsdText | None
    reverted_cost_usd: UsdText | None
    of_cost: Annotated[ConvertedShares | None, Meta(description="Null if withheld")]
    of_tokens: Annotated[ConvertedShares | None, Meta(description="Null if withheld")]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")]


class ConversionList(Struct, frozen=True, kw_only=True):
    """Periods, oldest first, then groups by name. Work counts in the period in which its tokens were spent."""

    first_day: Annotated[date, Meta(description="First UTC day")]
    last_day: Annotated[date, Meta(description="Last UTC day, inclusive")]
    cost_kind: CostKind
    items: list[Conversion]
    next_cursor: NextCursor
