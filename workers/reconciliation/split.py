"""Splits whole amounts into whole parts that sum exactly."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount, possibly negative, by weights: largest remainder, ties to the first.

    Raises ValueError for a nonzero amount without weights.
    """
    if not amount:
        return [0] * len(weights)
    total = sum(weights)
    if total <= 0:
        raise ValueError("cannot split an amount without weights")
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(size * weight, total)
        parts.append(part)
        remainders.append(remainder)
    order = sorted(range(len(weights)), key=lambda index: -remainders[index])
    for index in order[: size - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def part_of_day(amount: int, day: date, first: date, last: date) -> int:
    """Return the part of an amount over several days, inclusive, that falls on one; all parts sum to it."""
    days, place = (last - first).days + 1, (day - first).days
    return amount * (place + 1) // days - amount * place // days


def scaled(amount: int, factor: Fraction) -> int:
    """Return an amount times a factor, rounded half to even."""
    return round(amount * factor)
