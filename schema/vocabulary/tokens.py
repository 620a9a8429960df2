"""The five disjoint token kinds, and how money is counted."""

import operator
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

NANO_USD = 1_000_000_000
# Of one event: far above what any bucket can hold, and small enough that nine million of them still fit a bigint.
MAXIMUM_TOKENS = 10**12


class TokenCounts(NamedTuple):
    """Tokens by kind; the kinds are disjoint and sum to the total."""

    input_uncached: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output_visible: int = 0
    output_reasoning: int = 0

    @property
    def total(self) -> int:
        """All tokens of the five kinds."""
        return sum(self)

    def plus(self, other: "TokenCounts") -> "TokenCounts":
        """Kind by kind sum."""
        return TokenCounts._make(map(operator.add, self, other))

    def minus(self, other: "TokenCounts") -> "TokenCounts":
        """Kind by kind difference."""
        return TokenCounts._make(map(operator.sub, self, other))


TOKEN_KINDS = TokenCounts._fields


def sum_tokens(counts: Iterable[TokenCounts]) -> TokenCounts:
    """Kind by kind sum of any number of counts."""
    kinds = tuple(map(sum, zip(*counts, strict=True)))
    return TokenCounts._make(kinds) if kinds else TokenCounts()


def nano_usd(amount: Decimal) -> int:
    """Dollars as integer nano-USD, half to even."""
    return int((amount * NANO_USD).to_integral_value(ROUND_HALF_EVEN))


def usd_text(nano: int) -> str:
    """Integer nano-USD as a plain decimal string in USD, without exponent or needless zeros (at least two decimals)."""
    digits = f"{abs(nano):010d}"
    return f"{'-' if nano < 0 else ''}{digits[:-9]}.{digits[-9:].rstrip('0'):0<2}"
