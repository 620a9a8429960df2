"""Bills: the body of `POST /api/v1/billing-charges`.

    {"items": [{"issuer": "Anthropic, PBC", "account": "b-1", "period_start": "2026-11-01", "period_end": "2026-12-01",
                "charges": [{"first_day": "2026-11-18", "provider": "anthropic", "model": "claude-sonnet-4-5",
                             "kind": "output", "tokens": 1200000, "currency": "USD", "billed_cost": "16.20"}]}]}

Issuer and account are hashed on arrival and never stored. Unknown fields are dropped.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from schema.contracts.values import Title
from service.contracts.token_event import ServiceTier
from vocabulary.charges import BILLED_KINDS, LARGEST_COST, MAXIMUM_BILLED_TOKENS, ChargeKind
from vocabulary.tokens import NANO_USD

MAXIMUM_ITEMS = 1_000
MAXIMUM_CHARGES = 50_000
PIECE_KINDS = (ChargeKind.WEB_SEARCH, ChargeKind.CODE_EXECUTION)
LARGEST_RATE = Decimal(10**6)
# Tokens have been billed since 2020; commitments run for three years at most.
EARLIEST_DAY, LATEST_DAY = date(2020, 1, 1), date(2100, 1, 1)
LONGEST = timedelta(days=1_200)

Label: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9._:+/-]{0,100}$")]
Currency: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217 currency code")]
Tokens: TypeAlias = Annotated[int, Meta(ge=-MAXIMUM_BILLED_TOKENS, le=MAXIMUM_BILLED_TOKENS)]


class ChargeIn(Struct, frozen=True, kw_only=True):
    """The sum of charges with the same days, model, kind and category. Costs are decimal strings in `currency`."""

    first_day: Annotated[date, Meta(description="First UTC day of the charged usage")]
    provider: Annotated[Label, Meta(description="Provider of the model, such as anthropic")]
    currency: Currency
    billed_cost: Annotated[Decimal, Meta(description="Invoiced amount")]
    last_day: Annotated[
        date | None, Meta(description="Last UTC day of the charged usage, inclusive (default: `first_day`)")
    ] = None
    model: Annotated[Label, Meta(description="Name of the model; empty if the charge is for no model")] = ""
    kind: Annotated[
        Literal["input_uncached", "cache_read", "cache_write", "output", "web_search", "code_execution", "other"],
        Meta(description="Kind of the charged tokens or pieces; `other` without both"),
    ] = "other"
    service_tier: ServiceTier = ""
    lives_an_hour: Annotated[bool, Meta(description="True for cache writes that live an hour")] = False
    category: Annotated[
        Literal["usage", "purchase", "tax", "credit", "adjustment"],
        Meta(description="Charge category of the FOCUS specification"),
    ] = "usage"
    correction: Annotated[bool, Meta(description="True if the charge corrects an earlier one")] = False
    tokens: Annotated[Tokens, Meta(description="Charged tokens; must be 0 for kinds without tokens")] = 0
    pieces: Annotated[Tokens, Meta(description="Charged web searches or code executions")] = 0
    exchange_rate: Annotated[
        Decimal | None,
        Meta(description="US dollars per unit of `currency`; without it, only charges in USD are counted"),
    ] = None
    effective_cost: Annotated[
        Decimal | None,
        Meta(description="Cost with upfront payments spread over the usage that they pay for (default: `billed_cost`)"),
    ] = None
    contracted_cost: Annotated[
        Decimal | None, Meta(description="Cost at the negotiated price (default: `effective_cost`)")
    ] = None
    list_cost: Annotated[Decimal | None, Meta(description="Cost at the public price (default: `contracted_cost`)")] = (
        None
    )

    def __post_init__(self) -> None:
        """Check days, amounts, exchange rate and tokens."""
        check_days(self.first_day, self.last_day or self.first_day)
        for amount in (self.billed_cost, self.effective_cost, self.contracted_cost, self.list_cost):
            if amount is not None and not (amount.is_finite() and abs(amount) <= LARGEST_COST):
                raise ValueError("has an amount that is not a number, or is over a billion")
        rate = self.exchange_rate
        if rate is not None and not (rate.is_finite() and Decimal(1) / NANO_USD <= rate <= LARGEST_RATE):
            raise ValueError("has an invalid exchange rate; write USD per unit of the currency, such as 1.0825")
        self._check_kind()

    def _check_kind(self) -> None:
        if self.tokens and self.kind not in BILLED_KINDS:
            raise ValueError("has tokens but no kind of tokens; set kind")
        if self.pieces and self.kind not in PIECE_KINDS:
            raise ValueError("has pieces, but kind is neither web_search nor code_execution")
        if self.lives_an_hour and self.kind != "cache_write":
            raise ValueError("has lives_an_hour, but kind is not cache_write")

    @property
    def amounts(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """List, contracted, effective and billed cost, with defaults applied."""
        effective = self.billed_cost if self.effective_cost is None else self.effective_cost
        contracted = effective if self.contracted_cost is None else self.contracted_cost
        return contracted if self.list_cost is None else self.list_cost, contracted, effective, self.billed_cost


class BillIn(Struct, frozen=True, kw_only=True):
    """All charges of an account for a billing period; they replace what was stored for that period before."""

    issuer: Annotated[Title, Meta(description="Name of the issuer; stored as a keyed hash")]
    account: Annotated[Title, Meta(description="Billing account at the issuer; stored as a keyed hash")]
    period_start: Annotated[date, Meta(description="First UTC day of the billing period")]
    period_end: Annotated[date, Meta(description="UTC day after the billing period, exclusive")]
    charges: Annotated[list[ChargeIn], Meta(max_length=MAXIMUM_CHARGES)]

    def __post_init__(self) -> None:
        """Check that the period ends after it begins."""
        check_days(self.period_start, self.period_end)


class BillBatch(Struct, frozen=True):
    """Bills, stored in one transaction: all or none."""

    items: Annotated[list[BillIn], Meta(max_length=MAXIMUM_ITEMS)]


class BillReceipt(Struct, frozen=True):
    """The result of a bulk."""

    received: Annotated[int, Meta(description="Bills in the request")]
    changed: Annotated[int, Meta(description="Bills that were new or changed")]
    charges: Annotated[int, Meta(description="Charges in the new or changed bills")]


def check_days(first: date, last: date) -> None:
    """Raise ValueError if days are out of order, too far apart, or outside EARLIEST_DAY to LATEST_DAY."""
    if not (EARLIEST_DAY <= first <= last <= LATEST_DAY and last - first <= LONGEST):
        raise ValueError(
            f"has days out of order, more than {LONGEST.days} apart, or not between {EARLIEST_DAY} and {LATEST_DAY}"
        )
