"""The five disjoint token kinds, and money in integer nano-USD."""

import operator
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

NANO_USD = 1_000_000_000
# Limit for one event: above any real bucket, and nine million of them still fit a bigint.
MAXIMUM_TOKENS = 10**12


class TokenCounts(NamedTuple):
    """Tokens by kind. Kinds are disjoint and sum to the total."""

    input_uncached: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output_visible: int = 0
    output_reasoning: int = 0

    @property
    def total(self) -> int:
        """Sum of the five kinds."""
        return sum(self)

    def plus(self, other: "TokenCounts") -> "TokenCounts":
        """Add kind by kind."""
        return TokenCounts._make(map(operator.add, self, other))

    def minus(self, other: "TokenCounts") -> "TokenCounts":
        """Subtract kind by kind."""
        return TokenCounts._make(map(operator.sub, self, other))


TOKEN_KINDS = TokenCounts._fields


def sum_tokens(counts: Iterable[TokenCounts]) -> TokenCounts:
    """Sum any number of counts kind by kind."""
    kinds = tuple(map(sum, zip(*counts, strict=True)))
    return TokenCounts._make(kinds) if kinds else TokenCounts()


def nano_usd(amount: Decimal) -> int:
    """Convert dollars to integer nano-USD, rounding half to even."""
    return int((amount * NANO_USD).to_integral_value(ROUND_HALF_EVEN))


def usd_text(nano: int) -> str:
    """Format nano-USD as a decimal string in USD with at least two decimals, no exponent and no needless zeros."""
    digits = f"{abs(nano):010d}"
    return f"{'-' if nano < 0 else ''}{digits[:-9]}.{digits[-9:].rstrip('0'):0<2}"
