"""The ledger of a period: the response of `GET /api/v1/ledger`."""

from datetime import date

from msgspec import Struct

from schema.contracts.values import UsdText
from service.contracts.reconciliation import CostKind, OverheadShown


class Amounts(Struct, frozen=True, kw_only=True):
    """Tokens by kind, their total, and their cost of the requested `cost_kind`."""

    input_uncached: int
    cache_read: int
    cache_write: int
    output_visible: int
    output_reasoning: int
    total: int
    cost_usd: UsdText


class LedgerShown(Struct, frozen=True, kw_only=True):
    """received = merged + in flight + abandoned + overhead + pending + difference, for whole UTC days.

    `received` is counted on arrival, the others where the tokens are now; `difference` is 0 unless tokens were lost.
    Tokens that several layers report are received once; their copies are `superseded`, outside all other parts, and
    cost nothing. `pending` is stored but not yet settled. Tokens have a cost once they are folded and priced; billed
    cost is the part of the bills in the ledger. The overhead multiplier applies to `received` and is in none of the
    costs.
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
    superseded: Amounts
    overhead_multiplier: OverheadShown | None
