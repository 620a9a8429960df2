"""Whole amounts cut into whole parts that sum to them exactly."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Parts of an amount, which may be negative, by weights that are not: largest remainder, then who comes first.

    Raises ValueError when there is something to split and no weight to split it by.
    """
    if not amount:
        return [0] * len(weights)
    total = sum(weights)
    if total <= 0:
        raise ValueError("nothing to split by")
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
    """The part of an amount of several days, both ends included, that falls on one; the parts of all sum to it."""
    days, place = (last - first).days + 1, (day - first).days
    return amount * (place + 1) // days - amount * place // days


def scaled(amount: int, factor: Fraction) -> int:
    """An amount times a factor, rounded half to even."""
    return round(amount * factor)
