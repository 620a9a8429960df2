"""Rows of conversion: how much of spend was merged, released and reverted. Pure."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from service.contracts.spend.conversion import Conversion, ConvertedShares
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import Amounts, Cell
from vocabulary.tokens import usd_text

MERGED, RELEASED, REVERTED = "merged", "released", "reverted"


class Converted(NamedTuple):
    """Amounts of one bucket and group: all, and what of it was merged, released and reverted."""

    bucket: int
    groups: tuple[str, ...]
    spent: Amounts
    merged: Amounts
    released: Amounts
    reverted: Amounts


def convert(cells: Sequence[Cell]) -> list[Converted]:
    """Sum cells whose last group is a stage; those of one bucket and group stand side by side."""
    return [
        _sum(bucket, groups, list(members))
        for (bucket, groups), members in groupby(cells, lambda cell: (cell.bucket, cell.groups[:-1]))
    ]


def conversion_row(
    converted: Converted, names: Sequence[str], buckets: Sequence[Bucket], reason: str | None
) -> Conversion:
    """Return a row; `reason` says why it is withheld."""
    shown: dict[str, Any] = dict.fromkeys(
        ("cost_usd", "merged_cost_usd", "released_cost_usd", "reverted_cost_usd", "of_cost", "of_tokens")
    )
    if reason is None:
        parts = (converted.spent, converted.merged, converted.released, converted.reverted)
        spent, merged, released, reverted = (usd_text(part.nano_usd) for part in parts)
        shown = {
            "cost_usd": spent,
            "merged_cost_usd": merged,
            "released_cost_usd": released,
            "reverted_cost_usd": reverted,
            "of_cost": _shares([part.nano_usd for part in parts]),
            "of_tokens": _shares([part.tokens.total for part in parts]),
        }
    groups: Mapping[str, Any] = dict(zip(names, converted.groups, strict=True))
    start = buckets[converted.bucket - 1].span.first
    return Conversion(period_start=start, withheld_reason=reason, **groups, **shown)


def _sum(bucket: int, groups: tuple[str, ...], cells: Sequence[Cell]) -> Converted:
    sums = [
        _total([cell.now for cell in cells if part is None or part in cell.groups[-1].split(".")])
        for part in (None, MERGED, RELEASED, REVERTED)
    ]
    return Converted(bucket, groups, *sums)


def _total(amounts: Sequence[Amounts]) -> Amounts:
    total = Amounts()
    for each in amounts:
        total = Amounts(each.tokens.plus(total.tokens), *(a + b for a, b in zip(each[1:], total[1:], strict=True)))
    return total


def _shares(parts: Sequence[int]) -> ConvertedShares:
    spent, merged, released, reverted = parts
    return ConvertedShares(
        merged=merged / spent if spent else None,
        released=released / merged if merged else None,
        reverted=reverted / merged if merged else None,
    )
