"""Input and output of reconciliation. Tokens follow the order of BILLED_KINDS; money is in nano-USD."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from vocabulary.charges import BILLED_KINDS, ChargeKind

Tokens: TypeAlias = tuple[int, int, int, int]
NO_TOKENS: Tokens = (0, 0, 0, 0)
# The index of each kind in Tokens.
KINDS = range(len(BILLED_KINDS))


class SoldModel(NamedTuple):
    """A model sold by a provider; `model` is a key from vocabulary/model_keys.py, empty if none is named."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Charges of a bill for some days, inclusive, in nano-units of a currency with an exchange rate to USD."""

    period_start: date
    first_day: date
    last_day: date
    sold: SoldModel
    kind: ChargeKind
    tokens: int
    listed: int
    contracted: int
    effective: int
    billed: int
    exchange_rate: Decimal

    def in_usd(self, amount: int) -> int:
        """Convert an amount to nano-USD."""
        return round(amount * Fraction(self.exchange_rate))


@dataclass(frozen=True, slots=True)
class Price:
    """The cost of one token kind in a billing period, as sums from which unit prices are computed."""

    tokens: int
    listed: int
    contracted: int
    effective: int
    billed: int

    @property
    def per_token(self) -> Fraction | None:
        """The effective price of a token in nano-USD, or None if the bill does not give one."""
        return Fraction(self.effective, self.tokens) if self.tokens > 0 and self.effective >= 0 else None


NO_PRICE = Price(0, 0, 0, 0, 0)


class ShareKey(NamedTuple):
    """A part of a day's ledger; an empty artifact id is overhead."""

    team_id: int
    artifact_id: bytes
    evidence: str
    provider: str
    model: str
    workflow: str


@dataclass(frozen=True, slots=True)
class LedgerShare:
    """Tokens attributed to one pull request or to overhead, at list price."""

    key: ShareKey
    tokens: Tokens
    list_nano_usd: int


@dataclass(frozen=True, slots=True)
class ShareCost:
    """The cost of a ledger share at list, effective and billed prices."""

    key: ShareKey
    list_nano_usd: int
    effective_nano_usd: int
    billed_nano_usd: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Telemetry and bill of one model on one day.

    `covered_tokens` are billed tokens that telemetry also saw; `other` is money without tokens; `attributed` is the
    billed and other money that the ledger carries.
    """

    sold: SoldModel
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
