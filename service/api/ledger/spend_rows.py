"""Rows of spend: figures, the compared period and the change. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.api.amounts import tokens_shown
from service.contracts.spend.spent import SpendChange, SpendFigures, SpendShown, SpendTotal
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import Amounts, Cell
from vocabulary.tokens import usd_text


def figures_of(amounts: Amounts) -> SpendFigures:
    """Return amounts as they are shown."""
    timed = amounts.timed_requests
    return SpendFigures(
        tokens=tokens_shown(amounts.tokens),
        cost_usd=usd_text(amounts.nano_usd),
        requests=amounts.requests,
        failed_requests=amounts.failed_requests,
        mean_duration_ms=amounts.duration_ms / timed if timed else None,
    )


def change_of(now: Amounts, before: Amounts) -> SpendChange:
    """Return the difference between two periods."""
    nano_usd = now.nano_usd - before.nano_usd
    return SpendChange(
        tokens=now.tokens.total - before.tokens.total,
        cost_usd=usd_text(nano_usd),
        requests=now.requests - before.requests,
        cost_ratio=nano_usd / before.nano_usd if before.nano_usd else None,
    )


def total_of(now: Amounts, before: Amounts, *, is_compared: bool) -> SpendTotal:
    """Return the sums of a whole period."""
    return SpendTotal(figures=figures_of(now), **_compared(now, before, is_compared=is_compared))


def build_rows(
    cells: Sequence[Cell],
    dimensions: Sequence[str],
    buckets: Sequence[Bucket],
    withheld: Mapping[tuple[int, tuple[str, ...]], str],
    *,
    is_compared: bool,
) -> list[SpendShown]:
    """Return a row for each cell; `withheld` holds reasons by bucket and groups."""
    rows = []
    for cell in cells:
        reason = withheld.get((cell.bucket, cell.groups))
        groups: dict[str, Any] = dict(zip(dimensions, cell.groups, strict=True))
        shown: dict[str, Any] = {"figures": None, "before": None, "change": None}
        if reason is None:
            compared = _compared(cell.now, cell.before, is_compared=is_compared)
            shown = {"figures": figures_of(cell.now), **compared}
        start = buckets[cell.bucket - 1].span.first
        rows.append(SpendShown(period_start=start, withheld_reason=reason, **groups, **shown))
    return rows


def _compared(now: Amounts, before: Amounts, *, is_compared: bool) -> dict[str, Any]:
    if not is_compared:
        return {"before": None, "change": None}
    return {"before": figures_of(before), "change": change_of(now, before)}
