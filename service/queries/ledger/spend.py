"""Tokens with their price, as queries give them."""

from typing import NamedTuple

from schema.tokens import TOKEN_KINDS, TokenCounts

SPEND_COLUMNS = (*TOKEN_KINDS, "cost_nano_usd")


class Spend(NamedTuple):
    """Tokens by kind, and their list price in nano-USD."""

    tokens: TokenCounts = TokenCounts()
    nano_usd: int = 0

    def minus(self, other: "Spend") -> "Spend":
        """What is left of this one."""
        return Spend(self.tokens.minus(other.tokens), self.nano_usd - other.nano_usd)

    def plus(self, other: "Spend") -> "Spend":
        """The sum of both."""
        return Spend(self.tokens.plus(other.tokens), self.nano_usd + other.nano_usd)


def spend_sums(source: str = "") -> str:
    """SQL that sums the columns of a source under their own names, 0 where there is no row."""
    prefix = f"{source}." if source else ""
    return ", ".join(f"coalesce(sum({prefix}{column}), 0)::bigint AS {column}" for column in SPEND_COLUMNS)
