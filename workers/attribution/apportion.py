"""Splits whole tokens and nano-USD by weight: largest remainder, exact, ties broken by artifact id."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Whole: TypeAlias = NDArray[np.int64]

# A remainder times a weight must stay below 2^63; both are at most the sum of a group's weights.
LARGEST_TOTAL = 3_037_000_499


class Share(NamedTuple):
    """A claim on part of an amount; weights are integers, so that no rounding occurs."""

    artifact_id: bytes
    weight: int


def apportion(amount: int, shares: Sequence[Share]) -> list[int]:
    """Split a non-negative amount in proportion to the weights; the parts sum to it exactly.

    The rest after integer division goes one by one to the largest remainders, on ties to the smallest artifact id.
    Raises ValueError for a nonzero amount without weights.
    """
    if not amount:
        return [0] * len(shares)
    total = sum(share.weight for share in shares)
    if total <= 0:
        raise ValueError("cannot apportion an amount without weights")
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


def apportion_groups(amounts: Whole, weights: Whole, sizes: Whole) -> Whole:
    """Split one amount per group over the group's shares, for all groups at once, like `apportion` for each.

    `amounts` and `sizes` have one entry per group; `weights` one entry per share, group after group, each group in
    ascending order of artifact id. Amounts may be up to 2^63 - 1. Returns one part per share. Raises ValueError when a
    group has a nonzero amount and no weights.
    """
    group = np.repeat(np.arange(len(sizes)), sizes)
    totals = _sums(weights, sizes)
    if np.any((totals <= 0) & (amounts != 0)):
        raise ValueError("cannot apportion an amount without weights")
    if np.any(totals > LARGEST_TOTAL):
        return _one_by_one(amounts, weights, sizes)
    # amount · weight may exceed 64 bits, so whole multiples of the total are taken out first.
    multiples, rest = np.divmod(amounts, np.maximum(totals, 1))
    parts, remainders = np.divmod(rest[group] * weights, np.maximum(totals, 1)[group])
    parts += multiples[group] * weights
    left = amounts - _sums(parts, sizes)
    parts[_largest(remainders, group, sizes, left)] += 1
    return parts


def _largest(remainders: Whole, group: Whole, sizes: Whole, counts: Whole) -> Whole:
    """Return the indexes of the `counts` largest remainders of each group, on ties the first."""
    among = np.flatnonzero(counts[group])
    # Remainders stay below 2^32, so group and remainder can be sorted as one number.
    order = among[np.argsort((group[among] << 32) - remainders[among], kind="stable")]
    sizes = np.where(counts, sizes, 0)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return order[rank < counts[group[order]]]


def _sums(values: Whole, sizes: Whole) -> Whole:
    """Return the sum of each group's values; intermediate overflow cancels out if the sums themselves fit."""
    ends = np.concatenate(([0], np.cumsum(values)))
    last = np.cumsum(sizes)
    sums: Whole = ends[last] - ends[last - sizes]
    return sums


def _one_by_one(amounts: Whole, weights: Whole, sizes: Whole) -> Whole:
    """Do the same with integers of any size, for weights too large to multiply in 64 bits."""
    parts: list[int] = []
    start = 0
    for amount, size in zip(amounts.tolist(), sizes.tolist(), strict=True):
        group = weights[start : start + size].tolist()
        parts += apportion(amount, [Share(index.to_bytes(8, "big"), weight) for index, weight in enumerate(group)])
        start += size
    return np.array(parts, dtype=np.int64)
