"""Whole tokens and whole nano-USD split by weight: largest remainder, exact, ties broken by artifact id."""

from collections.abc import Sequence
from typing import NamedTuple


class Share(NamedTuple):
    """A claim on part of something; weights are whole numbers, so that no rounding hides in a division."""

    artifact_id: bytes
    weight: int


def apportion(amount: int, shares: Sequence[Share]) -> list[int]:
    """Split a non-negative amount in proportion to the weights; the parts sum to it exactly.

    What whole division leaves goes one by one to the largest remainders, among equal ones to the smallest artifact id.
    Raises ValueError when there is something to split and no weight to split it by.
    """
    if not amount:
        return [0] * len(shares)
    total = sum(share.weight for share in shares)
    if total <= 0:
        raise ValueError("nothing to apportion by")
    parts, remainders = [], []
    for share in shares:
        part, remainder = divmod(amount * share.weight, total)
        parts.append(part)
        remainders.append(remainder)
    left = amount - sum(parts)
    if left:
        order = sorted(range(len(shares)), key=lambda index: (-remainders[index], shares[index].artifact_id))
        for index in order[:left]:
            parts[index] += 1
    return parts
