"""Bills compared with telemetry (`GET /api/v1/reconciliation`), and the overhead multiplier."""

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from schema.contracts.values import UsdText

LARGEST_PART = Decimal(10)
MILLIONTH = Decimal("0.000001")

CostKind = Literal["list", "effective", "billed"]


class BilledTokens(Struct, frozen=True, kw_only=True):
    """Tokens by the kinds that bills distinguish; `output` is visible plus reasoning output."""

    input_uncached: int
    cache_read: int
    cache_write: int
    output: int
    total: int


class TelemetryShown(Struct, frozen=True, kw_only=True):
    """What telemetry saw, at list prices and at the effective prices of the bills."""

    tokens: BilledTokens
    list_cost_usd: UsdText
    effective_cost_usd: UsdText


class BillShown(Struct, frozen=True, kw_only=True):
    """Billed tokens: their cost at public, negotiated and effective prices, and as invoiced.

    `other_cost_usd` is invoiced without tokens: credits (negative), taxes, seats, capacity.
    """

    tokens: BilledTokens
    list_cost_usd: UsdText
    contracted_cost_usd: UsdText
    effective_cost_usd: UsdText
    billed_cost_usd: UsdText
    other_cost_usd: UsdText


class ReconciliationRow(Struct, frozen=True, kw_only=True):
    """One day, month, provider or model; only the dimension in `group_by` is present.

    `coverage` is the share of billed tokens that telemetry saw, null if none were billed. The invoiced amount is
    `attributed_cost_usd` (in the ledger) + `unattributed_cost_usd`. `unexplained_difference_usd` is the effective cost
    of the bill minus that of the telemetry.
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
    """US dollars per million tokens of one kind in a billing period; null if the bill has no tokens."""

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
    """Costs of running models besides their bills, each as a share of the cost: 0.05 is 5 %."""

    orchestration: Decimal = Decimal(0)
    observability: Decimal = Decimal(0)
    power: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Check that each share is in range."""
        for part in (self.orchestration, self.observability, self.power):
            if not (part.is_finite() and 0 <= part <= LARGEST_PART and part % MILLIONTH == 0):
                raise ValueError("must be between 0 and 10, with at most six decimals")


class OverheadShown(Struct, frozen=True, kw_only=True):
    """The parts of the overhead multiplier, their sum, and the amount that they add to a cost."""

    orchestration: str
    observability: str
    power: str
    total: str
    cost_usd: UsdText


class ReconciliationShown(Struct, frozen=True, kw_only=True):
    """Rows, their total, and the effective prices that were valid in the period.

    `unconverted_currencies` have charges without an exchange rate to USD, which are not counted. The overhead
    multiplier applies to the attributed cost.
    """

    first_day: date | None
    last_day: date | None
    items: list[ReconciliationRow]
    total: ReconciliationRow
    effective_prices: list[EffectivePriceShown]
    unconverted_currencies: list[str]
    overhead_multiplier: OverheadShown | None
    next_cursor: str | None
