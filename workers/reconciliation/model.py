"""What reconciliation reads and writes. Tokens are of the kinds of BILLED_KINDS, in that order; money is nano-USD."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from schema.charges import BILLED_KINDS, ChargeKind

Tokens: TypeAlias = tuple[int, int, int, int]
NO_TOKENS: Tokens = (0, 0, 0, 0)
# Where each kind stands in Tokens.
KINDS = range(len(BILLED_KINDS))


class Sold(NamedTuple):
    """A model as one provider sells it; `model` is a key of schema/model_keys.py, empty where none is named."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Charges of a bill for some days, both ends included, in nano-units of a currency of this worth in USD."""

    period_start: date
    first_day: date
    last_day: date
    sold: Sold
    kind: ChargeKind
    tokens: int
    listed: int
    contracted: int
    effective: int
    billed: int
    exchange_rate: Decimal

    def in_usd(self, amount: int) -> int:
        """An amount of it in nano-USD."""
        return round(amount * Fraction(self.exchange_rate))


@dataclass(frozen=True, slots=True)
class Price:
    """What tokens of one kind cost over a billing period: the sums that unit prices are ratios of."""

    tokens: int
    listed: int
    contracted: int
    effective: int
    billed: int

    @property
    def per_token(self) -> Fraction | None:
        """The effective price of a token in nano-USD, None where the bill tells none."""
        return Fraction(self.effective, self.tokens) if self.tokens > 0 and self.effective >= 0 else None


class ShareKey(NamedTuple):
    """Which part of the ledger of a day; an empty artifact id is overhead."""

    team_id: int
    artifact_id: bytes
    evidence: str
    provider: str
    model: str
    workflow: str


@dataclass(frozen=True, slots=True)
class LedgerShare:
    """Tokens that the ledger gives to one pull request or to overhead, at list price."""

    key: ShareKey
    tokens: Tokens
    list_nano_usd: int


@dataclass(frozen=True, slots=True)
class ShareCost:
    """What a share of the ledger costs, three ways."""

    key: ShareKey
    list_nano_usd: int
    effective_nano_usd: int
    billed_nano_usd: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One day of one model: what telemetry saw beside what the bill says.

    `covered_tokens` are billed tokens that telemetry saw too; `other` is money without tokens; `attributed` is what of
    billed and other money the ledger carries.
    """

    sold: Sold
    seen: Tokens
    charged: Tokens
    covered_tokens: int
    telemetry_list: int
    telemetry_effective: int
    listed: int
    contracted: int
    effective: int
    billed: int
    other: int
    attributed: int
