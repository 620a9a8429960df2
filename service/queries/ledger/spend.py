"""Tokens with their cost, as queries return them."""

from typing import NamedTuple

from vocabulary.tokens import TOKEN_KINDS, TokenCounts

SPEND_COLUMNS = (*TOKEN_KINDS, "cost_nano_usd")


class Spend(NamedTuple):
    """Tokens by kind, and their cost in nano-USD."""

    tokens: TokenCounts = TokenCounts()
    nano_usd: int = 0

    def minus(self, other: "Spend") -> "Spend":
        """Return the difference."""
        return Spend(self.tokens.minus(other.tokens), self.nano_usd - other.nano_usd)

    def plus(self, other: "Spend") -> "Spend":
        """Return the sum."""
        return Spend(self.tokens.plus(other.tokens), self.nano_usd + other.nano_usd)


def spend_sums(source: str = "") -> str:
    """Return SQL that sums the columns of a source under their own names, 0 without rows."""
    prefix = f"{source}." if source else ""
    return ", ".join(f"coalesce(sum({prefix}{column}), 0)::bigint AS {column}" for column in SPEND_COLUMNS)
