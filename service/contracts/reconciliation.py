"""Bills compared with telemetry (`GET /api/v1/reconciliation`), and the overhead multiplier."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, UsdText

LARGEST_PART = Decimal(10)
MILLIONTH = Decimal("0.000001")

CostKind = Literal["list", "effective", "billed"]


class BilledTokens(Struct, frozen=True, kw_only=True):
    """Tokens by the kinds that bills distinguish."""

    input_uncached: Annotated[int, Meta(description="Input tokens neither read from nor written to a cache")]
    cache_read: Annotated[int, Meta(description="Input tokens read from a cache")]
    cache_write: Annotated[int, Meta(description="Input tokens written to a cache")]
    output: Annotated[int, Meta(description="Output tokens, visible and reasoning")]
    total: Annotated[int, Meta(description="Sum of the kinds")]


class TelemetryShown(Struct, frozen=True, kw_only=True):
    """What telemetry saw."""

    tokens: BilledTokens
    list_cost_usd: Annotated[UsdText, Meta(description="Cost at list prices in US dollars")]
    effective_cost_usd: Annotated[UsdText, Meta(description="Cost at the effective prices of the bills in US dollars")]


class BillShown(Struct, frozen=True, kw_only=True):
    """Billed tokens and costs."""

    tokens: BilledTokens
    list_cost_usd: Annotated[UsdText, Meta(description="Cost at public prices in US dollars")]
    contracted_cost_usd: Annotated[UsdText, Meta(description="Cost at negotiated prices in US dollars")]
    effective_cost_usd: Annotated[
        UsdText, Meta(description="Cost with upfront payments spread over usage, in US dollars")
    ]
    billed_cost_usd: Annotated[UsdText, Meta(description="Invoiced amount in US dollars")]
    other_cost_usd: Annotated[
        UsdText, Meta(description="Invoiced in US dollars without tokens: credits (negative), taxes, seats, capacity")
    ]


class ReconciliationRow(Struct, frozen=True, kw_only=True):
    """One day, month, provider or model; only the dimension in `group_by` is present.

    The invoiced amount is `attributed_cost_usd` + `unattributed_cost_usd`.
    """

    day: Annotated[date | UnsetType, Meta(description="UTC day")] = UNSET
    month: Annotated[date | UnsetType, Meta(description="First UTC day of the month")] = UNSET
    provider: str | UnsetType = UNSET
    model: Annotated[str | UnsetType, Meta(description="Name of the model")] = UNSET
    telemetry: TelemetryShown
    bill: BillShown
    covered_tokens: Annotated[int, Meta(description="Billed tokens that telemetry saw")]
    coverage: Annotated[
        float | None,
        Meta(description="Share of billed tokens that telemetry saw, between 0 and 1; null if none were billed"),
    ]
    attributed_cost_usd: Annotated[UsdText, Meta(description="Invoiced amount in the ledger, in US dollars")]
    unattributed_cost_usd: Annotated[UsdText, Meta(description="Rest of the invoiced amount, in US dollars")]
    unexplained_difference_usd: Annotated[
        UsdText, Meta(description="Effective cost of the bill minus that of the telemetry, in US dollars")
    ]


class EffectivePriceShown(Struct, frozen=True, kw_only=True):
    """US dollars per million tokens of one kind in a billing period; prices are null if the bill has no tokens."""

    period_start: Annotated[date, Meta(description="First UTC day of the billing period")]
    provider: str
    model: Annotated[str, Meta(description="Name of the model")]
    kind: Annotated[str, Meta(description="Kind of tokens")]
    tokens: Annotated[int, Meta(description="Billed tokens")]
    list_usd: Annotated[UsdText, Meta(description="Public price in US dollars per million tokens")] | None
    contracted_usd: Annotated[UsdText, Meta(description="Negotiated price in US dollars per million tokens")] | None
    effective_usd: Annotated[UsdText, Meta(description="Effective price in US dollars per million tokens")] | None
    billed_usd: Annotated[UsdText, Meta(description="Invoiced price in US dollars per million tokens")] | None


class SpecialChargeShown(Struct, frozen=True, kw_only=True):
    """Charges by piece, for a service tier, or for cache writes that live an hour. Rows above include their money."""

    provider: str
    model: Annotated[str, Meta(description="Name of the model; empty if the bill names none")]
    kind: Annotated[str, Meta(description="Kind of tokens; web_search or code_execution for charges by piece")]
    service_tier: Annotated[str, Meta(description="Service tier, such as batch; empty for the standard tier")]
    lives_an_hour: Annotated[bool, Meta(description="True for cache writes that live an hour")]
    tokens: Annotated[int, Meta(description="Billed tokens")]
    pieces: Annotated[int, Meta(description="Billed web searches or code executions, which are no tokens")]
    billed_cost_usd: Annotated[UsdText, Meta(description="Invoiced amount in US dollars")]


class Overhead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Costs of running models besides their bills, each as a share of the cost: 0.05 is 5 %."""

    orchestration: Annotated[Decimal, Meta(description="Share for orchestration, 0 to 10")] = Decimal(0)
    observability: Annotated[Decimal, Meta(description="Share for observability, 0 to 10")] = Decimal(0)
    power: Annotated[Decimal, Meta(description="Share for power, 0 to 10")] = Decimal(0)

    def __post_init__(self) -> None:
        """Check that each share is in range."""
        for part in (self.orchestration, self.observability, self.power):
            if not (part.is_finite() and 0 <= part <= LARGEST_PART and part % MILLIONTH == 0):
                raise ValueError("must be between 0 and 10, with at most six decimals")


class OverheadShown(Struct, frozen=True, kw_only=True):
    """The overhead multiplier, each part as a share of the cost: 0.05 is 5 %."""

    orchestration: Annotated[str, Meta(description="Share for orchestration")]
    observability: Annotated[str, Meta(description="Share for observability")]
    power: Annotated[str, Meta(description="Share for power")]
    total: Annotated[str, Meta(description="Sum of the shares")]
    cost_usd: Annotated[UsdText, Meta(description="Amount that the multiplier adds to a cost, in US dollars")]


class ReconciliationShown(Struct, frozen=True, kw_only=True):
    """Bills compared with telemetry."""

    first_day: Annotated[date | None, Meta(description="First UTC day; null without `from`")]
    last_day: Annotated[date | None, Meta(description="Last UTC day, inclusive; null without `to`")]
    items: list[ReconciliationRow]
    total: Annotated[ReconciliationRow, Meta(description="Sum of all rows")]
    effective_prices: Annotated[list[EffectivePriceShown], Meta(description="Prices that were valid in the period")]
    special_charges: Annotated[
        list[SpecialChargeShown],
        Meta(description="Whole charges that begin in the period, by what decides their price beside model and kind"),
    ]
    unconverted_currencies: Annotated[
        list[str],
        Meta(description="Currencies of charges without an exchange rate to US dollars; these charges are not counted"),
    ]
    overhead_multiplier: Annotated[
        OverheadShown | None, Meta(description="Overhead on the attributed cost; null unless it is set")
    ]
    next_cursor: NextCursor
