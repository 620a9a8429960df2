"""Rows of tokens per merged pull request, from merges, spend and received tokens. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from service.api.amounts import tokens_each, tokens_shown, usd_each
from service.api.ledger.intervals import EvidenceTokens, doubts_about, interval_of
from service.contracts.metrics import MergedChange, MergedFigures, TokensPerPullRequest
from service.queries.ledger.calibrations import TeamCalibrations
from service.queries.ledger.merged_costs import OF_MERGES_ONLY, OF_PULL_REQUESTS, Cell, Dimension, MergedCosts, Pooled
from service.queries.ledger.spend import Spend
from service.queries.teams.comparisons import Thresholds, withheld_cells, withheld_teams
from vocabulary.tokens import TokenCounts, usd_text

DEFAULTS = Thresholds()


def build_rows(
    costs: MergedCosts,
    dimensions: Sequence[Dimension],
    sizes: Mapping[str, int | None] | None = None,
    calibrations: Mapping[str, TeamCalibrations] | None = None,
    thresholds: Thresholds = DEFAULTS,
    active: Collection[str] | None = None,
    before: MergedCosts | None = None,
    reason: str | None = None,
    after: Cell | None = None,
    most: int | None = None,
    teams: Mapping[str, str] | None = None,
) -> dict[Cell, TokensPerPullRequest]:
    """Return a sorted row for each period and group in which something was merged or received: all, or a page.

    `sizes` (people) and `calibrations` are by team name, and needed if the first dimension is team. Teams below the
    `thresholds` are withheld beside other teams that are `active` (default: all); with a `reason`, every row is.
    `before` are the figures of the earlier periods, by the periods that they are compared with. If `costs` are those of
    a part of the period, `teams` are the withheld teams with reasons.
    """
    cells = _cells(costs, dimensions) | (_cells(before, dimensions) if before else set())
    reasons: Mapping[Cell, str] = {}
    if sizes is not None:
        if teams is None:
            teams = _withheld_teams((costs, *([before] if before else [])), sizes, thresholds, active)
        tokens = {
            ((cell.period, cell.other), cell.group): costs.spent.get(cell, Spend()).tokens.total for cell in cells
        }
        hidden = withheld_cells(tokens, teams)
        reasons = {Cell(period, team, other): why for ((period, other), team), why in hidden.items()}
    rows = {}
    for cell in sorted(cell for cell in cells if after is None or cell > after)[:most]:
        why = reason or reasons.get(cell)
        row = withheld(why) if why else shown(costs, cell, dimensions)
        if before:
            row |= dict.fromkeys(("before", "change")) if why else compared(costs, before, cell, dimensions)
        group: dict[str, Any] = {name.value: value for name, value in zip(dimensions, cell[1:], strict=False)}
        if sizes is not None:
            group["size"] = sizes.get(cell.group)
        if sizes is not None and len(dimensions) == 1:
            known = (calibrations or {}).get(cell.group, {})
            group |= withheld_certainty() if why else certainty(costs, cell, known)
        rows[cell] = TokensPerPullRequest(period_start=cell.period, **group, **row)
    return rows


def _cells(costs: MergedCosts, dimensions: Sequence[Dimension]) -> set[Cell]:
    merged = set(costs.merges) if OF_PULL_REQUESTS.issuperset(dimensions) else set()
    return set(costs.spent) | set(costs.received) | merged


def _withheld_teams(
    periods: Sequence[MergedCosts],
    sizes: Mapping[str, int | None],
    thresholds: Thresholds,
    active: Collection[str] | None,
) -> dict[str, str]:
    """Return the teams that are withheld in any of the compared periods, with the reason of the first."""
    found: dict[str, str] = {}
    for costs in reversed(periods):
        found |= withheld_teams(merged_by_group(costs), sizes, thresholds, active)
    return found


def merged_by_group(costs: MergedCosts) -> Counter[str]:
    """Count the pull requests merged in the whole period, by group."""
    merged: Counter[str] = Counter()
    for cell, count in costs.merges.items():
        merged[cell.group] += count
    return merged


def shown(costs: MergedCosts, cell: Cell, dimensions: Sequence[Dimension]) -> dict[str, Any]:
    """Return the figures of one cell."""
    spend = costs.spent.get(cell, Spend())
    received = None if OF_MERGES_ONLY & set(dimensions) else costs.received.get(cell, 0)
    return figures(_merges(costs, cell, dimensions), spend.tokens, spend.nano_usd, received)


def compared(costs: MergedCosts, before: MergedCosts, cell: Cell, dimensions: Sequence[Dimension]) -> dict[str, Any]:
    """Return the figures of the earlier period of a cell, and the change since."""
    earlier = shown(before, cell, dimensions)
    now, then = (each.spent.get(cell, Spend()) for each in (costs, before))
    merged, merged_before = (_merges(each, cell, dimensions) for each in (costs, before))
    return {
        "before": MergedFigures(**{name: earlier[name] for name in MergedFigures.__struct_fields__}),
        "change": MergedChange(
            merged_pull_requests=merged - merged_before,
            tokens=now.tokens.total - then.tokens.total,
            cost_usd=usd_text(now.nano_usd - then.nano_usd),
            tokens_per_merged_pr_ratio=_ratio(now.tokens.total, merged, then.tokens.total, merged_before),
            cost_per_merged_pr_ratio=_ratio(now.nano_usd, merged, then.nano_usd, merged_before),
        ),
    }


def _merges(costs: MergedCosts, cell: Cell, dimensions: Sequence[Dimension]) -> int:
    groups = zip(dimensions, cell[1:], strict=False)
    return costs.merges.get(Cell(cell.period, *(each if name in OF_PULL_REQUESTS else "" for name, each in groups)), 0)


def _ratio(now: int, merged: int, before: int, merged_before: int) -> float | None:
    """Return the change of what one pull request takes as a share of what it took before."""
    return now * merged_before / (merged * before) - 1 if merged and before and merged_before else None


def certainty(costs: MergedCosts, cell: Cell, calibrations: TeamCalibrations) -> dict[str, Any]:
    """Return the interval and the reliability of a cell."""
    return certainty_of(
        costs.merges.get(cell, 0),
        costs.spent.get(cell, Spend()).tokens.total,
        costs.pooled.get(cell, Pooled()),
        calibrations,
    )


def certainty_of(merged: int, total: int, pooled: Pooled, calibrations: TeamCalibrations) -> dict[str, Any]:
    """Return the interval and the reliability of `total` tokens, `pooled` of them split, on `merged` pull requests."""
    tokens = EvidenceTokens(total - sum(pooled), *pooled)
    doubts = doubts_about(tokens, merged, calibrations)
    return {
        "interval": interval_of(tokens, merged, calibrations),
        "reliable": not doubts,
        "unreliable_because": doubts,
    }


def withheld_certainty() -> dict[str, Any]:
    """Return the empty interval and reliability of a withheld row."""
    return {"interval": None, "reliable": None, "unreliable_because": None}


def figures(merged: int, tokens: TokenCounts, nano_usd: int, received: int | None) -> dict[str, Any]:
    """Return the figures of `merged` pull requests; `received` is None if it is unknown for the group."""
    return {
        "merged_pull_requests": merged,
        "tokens": tokens_shown(tokens),
        "tokens_per_merged_pr": tokens_each(sum(tokens), merged),
        "fully_loaded_tokens_per_merged_pr": None if received is None else tokens_each(received, merged),
        "cost_usd": usd_text(nano_usd),
        "cost_per_merged_pr_usd": usd_each(nano_usd, merged),
        "withheld_reason": None,
    }


def withheld(reason: str) -> dict[str, Any]:
    """Return empty figures with the reason."""
    return {
        "merged_pull_requests": None,
        "tokens": None,
        "tokens_per_merged_pr": None,
        "fully_loaded_tokens_per_merged_pr": None,
        "cost_usd": None,
        "cost_per_merged_pr_usd": None,
        "withheld_reason": reason,
    }
