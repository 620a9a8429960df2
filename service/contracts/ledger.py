"""The ledger of a period as JSON: where every token that arrived went."""

from datetime import date

from msgspec import Struct

from schema.contracts.values import UsdText
from service.contracts.reconciliation import CostKind, OverheadShown


class Amounts(Struct, frozen=True, kw_only=True):
    """Tokens by kind, their sum, and what they cost at prices of the kind asked for."""

    input_uncached: int
    cache_read: int
    cache_write: int
    output_visible: int
    output_reasoning: int
    total: int
    cost_usd: UsdText


class LedgerShown(Struct, frozen=True, kw_only=True):
    """received = merged + in flight + abandoned + overhead + pending + difference, whole UTC days from first to last.

    `received` is counted at the door, the others where they ended; `difference` is 0 unless something was lost. What
    another layer tells as well was received once; its copies are `set_aside`, in none of the others, and cost nothing.
    Pending is stored and not yet settled. Money is counted from settled and priced windows on; of the bills it is
    what the ledger carries. The overhead multiplier is of what was received, and in none of the costs.
    """

    first_day: date | None
    last_day: date | None
    team: str | None
    cost_kind: CostKind
    received: Amounts
    merged: Amounts
    in_flight: Amounts
    abandoned: Amounts
    overhead: Amounts
    pending: Amounts
    difference: Amounts
    set_aside: Amounts
    overhead_multiplier: OverheadShown | None
