"""Percentiles of what merged pull requests cost: the response of `GET /api/v1/metrics/percentiles`."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import UsdText
from service.contracts.reconciliation import CostKind


class Percentiles(Struct, frozen=True, kw_only=True):
    """Tokens at five percentiles."""

    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


class CostPercentiles(Struct, frozen=True, kw_only=True):
    """Dollars at five percentiles."""

    p10: UsdText
    p25: UsdText
    p50: UsdText
    p75: UsdText
    p90: UsdText


class SpreadShown(Struct, frozen=True, kw_only=True):
    """The spread of a figure; null if there are too few values to show."""

    number: Annotated[int | None, Meta(description="Number of values; null for a small team")]
    tokens: Percentiles | None
    cost_usd: CostPercentiles | None
    withheld_reason: Annotated[str | None, Meta(description="Why the percentiles are null")]


class PercentilesShown(Struct, frozen=True, kw_only=True):
    """Percentiles of a period."""

    first_day: Annotated[date, Meta(description="First UTC day")]
    last_day: Annotated[date, Meta(description="Last UTC day, inclusive")]
    cost_kind: CostKind
    pull_requests: Annotated[
        SpreadShown,
        Meta(description="Over merged pull requests without bots, of whose tokens at least 60 % are linked"),
    ]
    teams: Annotated[
        SpreadShown | None,
        Meta(description="Over the cost per merged pull request of each team that may be compared; null with `team`"),
    ]
