"""Bills beside telemetry, as `GET /api/v1/reconciliation` shows them, and the overhead multiplier."""

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from schema.contracts.values import UsdText

LARGEST_PART = Decimal(10)
MILLIONTH = Decimal("0.000001")

CostKind = Literal["list", "effective", "billed"]


class BilledTokens(Struct, frozen=True, kw_only=True):
    """Tokens as bills tell them apart: output is visible and reasoning alike."""

    input_uncached: int
    cache_read: int
    cache_write: int
    output: int
    total: int


class TelemetryShown(Struct, frozen=True, kw_only=True):
    """What telemetry saw, at list prices and at the prices that bills tell."""

    tokens: BilledTokens
    list_cost_usd: UsdText
    effective_cost_usd: UsdText


class BillShown(Struct, frozen=True, kw_only=True):
    """What bills say of tokens: at public, at negotiated and at effective prices, and as invoiced.

    `other_cost_usd` is invoiced without tokens: credits (negative), taxes, seats, capacity.
    """

    tokens: BilledTokens
    list_cost_usd: UsdText
    contracted_cost_usd: UsdText
    effective_cost_usd: UsdText
    billed_cost_usd: UsdText
    other_cost_usd: UsdText


class ReconciliationRow(Struct, frozen=True, kw_only=True):
    """One day, month, provider or model; only what was grouped by is present.

    `coverage` is the share of billed tokens that telemetry saw, null where none were billed. Invoiced money =
    `attributed_cost_usd`, which the ledger carries, + `unattributed_cost_usd`. `unexplained_difference_usd` is the
    bill's effective cost less that of what telemetry saw.
    """

    day: date | UnsetType = UNSET
    month: date | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    telemetry: TelemetryShown
    bill: BillShown
    covered_tokens: int
    coverage: float | None
    attributed_cost_usd: UsdText
    unattributed_cost_usd: UsdText
    unexplained_difference_usd: UsdText


class EffectivePriceShown(Struct, frozen=True, kw_only=True):
    """US dollars for a million tokens of one kind over a billing period, null where a bill tells no tokens."""

    period_start: date
    provider: str
    model: str
    kind: str
    tokens: int
    list_usd: UsdText | None
    contracted_usd: UsdText | None
    effective_usd: UsdText | None
    billed_usd: UsdText | None


class Overhead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What running models costs beside their bills, each part as a share of the cost: 0.05 is five per cent."""

    orchestration: Decimal = Decimal(0)
    observability: Decimal = Decimal(0)
    power: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse a share out of range."""
        for part in (self.orchestration, self.observability, self.power):
            if not (part.is_finite() and 0 <= part <= LARGEST_PART and part % MILLIONTH == 0):
                raise ValueError("must be between 0 and 10, with at most six decimals")


class OverheadShown(Struct, frozen=True, kw_only=True):
    """The parts of the overhead multiplier, their sum, and what they make of a cost that they are in no part of."""

    orchestration: str
    observability: str
    power: str
    total: str
    cost_usd: UsdText


class ReconciliationShown(Struct, frozen=True, kw_only=True):
    """Rows, their total, and the effective prices of the billing periods that begin in or before the period shown.

    `unconverted_currencies` have charges that count nowhere, since nothing tells what they are worth in USD. The
    overhead multiplier is of what is attributed.
    """

    first_day: date | None
    last_day: date | None
    items: list[ReconciliationRow]
    total: ReconciliationRow
    effective_prices: list[EffectivePriceShown]
    unconverted_currencies: list[str]
    overhead_multiplier: OverheadShown | None
    next_cursor: str | None
