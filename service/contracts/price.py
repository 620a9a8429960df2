"""Contract prices: requests and responses."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from vocabulary.service_tiers import MAXIMUM_LENGTH

MAXIMUM_ITEMS = 1_000
LARGEST_USD = Decimal(10**6)
# A millionth of a dollar per million tokens is a pico-dollar per token, the unit in which prices are stored.
SMALLEST_USD = Decimal("0.000001")

Model: TypeAlias = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:+/-]{0,99}$", description="model, with or without its date")
]
Kind: TypeAlias = Literal[
    "input_uncached",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "output",
    "output_reasoning",
    "web_search",
    "code_execution",
]
Provider: TypeAlias = Annotated[
    str, Meta(pattern=r"^[a-z0-9._-]{0,50}$", description="who sells the model, such as anthropic; empty for everyone")
]


class PriceIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price that you pay instead of the list price.

    Tokens are priced per million, `web_search` and `code_execution` for each. `output` includes reasoning unless
    `output_reasoning` has its own price. A later price of the same model, tier and kind follows an earlier one.
    """

    model: Model
    kind: Kind
    usd: Annotated[Decimal, Meta(description="US dollars per million tokens, or for each piece")]
    first_day: Annotated[date, Meta(description="first UTC day on which the price holds")]
    last_day: Annotated[date | None, Meta(description="last UTC day; null until a later price follows")] = None
    provider: Provider = ""
    service_tier: Annotated[
        str, Meta(max_length=MAXIMUM_LENGTH, description="such as priority, batch or fast; empty for standard")
    ] = ""

    def __post_init__(self) -> None:
        """Refuse an impossible price or days out of order."""
        if not (self.usd.is_finite() and 0 <= self.usd <= LARGEST_USD and self.usd % SMALLEST_USD == 0):
            raise ValueError("has an invalid usd; it must be from 0 to 1,000,000, with at most six decimals")
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError("has a last_day before its first_day")


class PriceBatch(Struct, frozen=True):
    """Contract prices to store, all or none."""

    items: Annotated[list[PriceIn], Meta(max_length=MAXIMUM_ITEMS)]


class PriceReceipt(Struct, frozen=True):
    """Prices received, and those that were new or different."""

    received: int
    changed: int


class PriceShown(Struct, frozen=True, kw_only=True):
    """A contract price; `model` is the key under which names with and without a date are found."""

    id: int
    model: str
    kind: str
    usd: Annotated[str, Meta(description="US dollars per million tokens, or for each piece")]
    first_day: date
    last_day: date | None
    provider: str
    service_tier: str
    created_at: datetime


class PriceList(Struct, frozen=True):
    """Contract prices by model, tier, kind and day."""

    items: list[PriceShown]
    next_cursor: str | None = None
