"""Conversion of reconciliations, prices and overhead to the API's contracts."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from service.contracts.reconciliation import (
    BilledTokens,
    BillShown,
    EffectivePriceShown,
    OverheadShown,
    ReconciliationRow,
    SpecialChargeShown,
    TelemetryShown,
)
from service.queries.billing.reconciliation import Cell, GroupBy
from service.queries.ledger.overhead import Parts, share_text
from vocabulary.tokens import usd_text

MILLION = 1_000_000


def row_shown(sums: Mapping[str, Any], cell: Cell | None = None, by: GroupBy | None = None) -> ReconciliationRow:
    """Convert the sums of one cell, or of the total if no cell is given."""
    seen, charged = _tokens(sums, "seen"), _tokens(sums, "charged")
    invoiced = sums["billed_nano_usd"] + sums["other_nano_usd"]
    return ReconciliationRow(
        **(_names(cell, by) if cell and by else {}),
        telemetry=TelemetryShown(
            tokens=seen,
            list_cost_usd=usd_text(sums["telemetry_list_nano_usd"]),
            effective_cost_usd=usd_text(sums["telemetry_effective_nano_usd"]),
        ),
        bill=BillShown(
            tokens=charged,
            list_cost_usd=usd_text(sums["list_nano_usd"]),
            contracted_cost_usd=usd_text(sums["contracted_nano_usd"]),
            effective_cost_usd=usd_text(sums["effective_nano_usd"]),
            billed_cost_usd=usd_text(sums["billed_nano_usd"]),
            other_cost_usd=usd_text(sums["other_nano_usd"]),
        ),
        covered_tokens=sums["covered_tokens"],
        coverage=coverage_of(sums["covered_tokens"], charged.total),
        attributed_cost_usd=usd_text(sums["attributed_nano_usd"]),
        unattributed_cost_usd=usd_text(invoiced - sums["attributed_nano_usd"]),
        unexplained_difference_usd=usd_text(sums["effective_nano_usd"] - sums["telemetry_effective_nano_usd"]),
    )


def coverage_of(covered: int, charged: int) -> float | None:
    """Return the share of billed tokens that telemetry saw; None if no tokens were billed."""
    return min(covered / charged, 1.0) if charged > 0 else None


def special_charge_shown(row: Mapping[str, Any]) -> SpecialChargeShown:
    """Convert a charge by piece, for a tier or for an hour."""
    values = {name: value for name, value in row.items() if name != "billed_nano_usd"}
    return SpecialChargeShown(**values, billed_cost_usd=usd_text(row["billed_nano_usd"]))


def price_shown(row: Mapping[str, Any]) -> EffectivePriceShown:
    """Convert an effective price to USD per million tokens."""

    def each(column: str) -> str | None:
        tokens = row["tokens"]
        return usd_text(round(Fraction(row[column] * MILLION, tokens))) if tokens > 0 else None

    return EffectivePriceShown(
        period_start=row["period_start"],
        provider=row["provider"],
        model=row["model"],
        kind=row["kind"],
        tokens=row["tokens"],
        list_usd=each("list_nano_usd"),
        contracted_usd=each("contracted_nano_usd"),
        effective_usd=each("effective_nano_usd"),
        billed_usd=each("billed_nano_usd"),
    )


def overhead_shown(parts: Parts, nano_usd: int) -> OverheadShown:
    """Convert the overhead multiplier, with the amount that it adds to a cost."""
    return OverheadShown(
        orchestration=share_text(parts.orchestration),
        observability=share_text(parts.observability),
        power=share_text(parts.power),
        total=share_text(sum(parts)),
        cost_usd=usd_text(parts.of(nano_usd)),
    )


def _names(cell: Cell, by: GroupBy) -> dict[str, Any]:
    if by is GroupBy.MODEL:
        return {"provider": cell.group, "model": cell.part}
    if by is GroupBy.PROVIDER:
        return {"provider": cell.group}
    return {by.value: date.fromisoformat(cell.group)}


def _tokens(sums: Mapping[str, Any], source: str) -> BilledTokens:
    counts = {kind: sums[f"{source}_{kind}"] for kind in ("input_uncached", "cache_read", "cache_write", "output")}
    return BilledTokens(**counts, total=sum(counts.values()))
