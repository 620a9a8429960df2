"""Sums of overhead, energy and carbon, as exact integers, and how they are rounded so that every cut adds up. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from service.api.ownership.parts import ESTIMATED_PARTS, Book, Factor, family_of, member_key
from service.contracts.spend.ownership import MONEY_PARTS
from service.queries.spend.reading import Amounts
from vocabulary.tokens import TokenCounts

MILLION = 10**6
ESTIMATES = family_of(ESTIMATED_PARTS[0])
# Tokens times millionths of Wh for 1,000 tokens, in a kWh; and this times millionths of kg for a kWh, in a kg.
UNITS_PER_KWH = 10**12
UNITS_PER_KG = 10**18


class Range(NamedTuple):
    """Lower end, likely value and upper end of an estimate, as exact integers."""

    low: int = 0
    likely: int = 0
    high: int = 0

    def plus(self, other: "Range") -> "Range":
        """Return the sum."""
        return Range(self[0] + other[0], self[1] + other[1], self[2] + other[2])

    def times(self, other: "Range") -> "Range":
        """Return the product of both ends and of the likely values."""
        return Range(self[0] * other[0], self[1] * other[1], self[2] * other[2])


@dataclass(slots=True)
class Sums:
    """Tokens and cost; each part of the overhead in millionths of nano-USD; energy and carbon in their units."""

    tokens: TokenCounts = field(default_factory=TokenCounts)
    nano_usd: int = 0
    money: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MONEY_PARTS, 0))
    energy: Range = field(default_factory=Range)
    carbon: Range = field(default_factory=Range)


class Spent(NamedTuple):
    """What one provider or model (or all together, without a name) spent from a day on that has the same factors."""

    day: date
    member: str
    amounts: Amounts


def add_families(sums: Sums, spent: Spent, book: Book, families: tuple[str, ...], scope: str) -> None:
    """Add what some spend costs, or needs, by these families of parts, whose factors have this scope."""
    member = member_key(scope, spent.member)
    for family in families:
        if family == ESTIMATES:
            _add_estimates(sums, spent, [_range(book.find(part, member, spent.day)) for part in ESTIMATED_PARTS])
        elif (factor := book.find(family, member, spent.day)) is not None:
            sums.money[family] += spent.amounts.nano_usd * factor.value


def _add_estimates(sums: Sums, spent: Spent, factors: list[Range]) -> None:
    """Add energy and carbon; only the upper end counts tokens that were read from a cache."""
    tokens = spent.amounts.tokens
    fresh, output = tokens.input_uncached + tokens.cache_write, tokens.output_visible + tokens.output_reasoning
    by_input, by_output, by_kwh = factors
    inputs, outputs = Range(fresh, fresh, fresh + tokens.cache_read), Range(output, output, output)
    energy = inputs.times(by_input).plus(outputs.times(by_output))
    sums.energy, sums.carbon = sums.energy.plus(energy), sums.carbon.plus(energy.times(by_kwh))


def _range(factor: Factor | None) -> Range:
    return Range(factor.low, factor.value, factor.high) if factor else Range()


def reads_of(book: Book) -> dict[str, tuple[str, ...]]:
    """Return by which dimension spend must be read (empty for none), each with the families that need it."""
    scopes = book.scopes
    needed: dict[str, tuple[str, ...]] = {}
    for family in (*MONEY_PARTS, ESTIMATES):
        scope = scopes.get(family, "")
        needed[scope] = (*needed.get(scope, ()), family)
    return needed


def rounded(millionths: int) -> int:
    """Return whole nano-USD, rounded half up."""
    return (millionths + MILLION // 2) // MILLION


class Rounding:
    """Rounds overhead row by row so that the rows of each part add up to its rounded total, in whatever cut.

    A row gets the rounded sum up to and with it, less the rounded sum before it; `before` are the sums before the
    first row, in the order of MONEY_PARTS.
    """

    def __init__(self, before: Sequence[int] = ()) -> None:
        self.sums = dict(zip(MONEY_PARTS, before or [0] * len(MONEY_PARTS), strict=True))

    def next(self, money: Mapping[str, int]) -> dict[str, int]:
        """Return the nano-USD of each part of the next row."""
        before = {part: rounded(amount) for part, amount in self.sums.items()}
        self.sums = {part: amount + money[part] for part, amount in self.sums.items()}
        return {part: rounded(amount) - before[part] for part, amount in self.sums.items()}
