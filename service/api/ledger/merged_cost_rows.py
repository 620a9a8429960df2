"""Rows of tokens per merged pull request, from merges, spend and received tokens. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from schema.vocabulary.tokens import TokenCounts, usd_text
from service.api.amounts import tokens_each, tokens_shown, usd_each
from service.api.ledger.intervals import EvidenceTokens, interval_of, is_reliable
from service.contracts.metrics import TokensPerPullRequest
from service.queries.ledger.calibrations import TeamCalibrations
from service.queries.ledger.merged_costs import OF_MERGES_ONLY, OF_PULL_REQUESTS, Cell, Dimension, MergedCosts, Pooled
from service.queries.ledger.spend import Spend
from service.queries.teams.comparisons import Thresholds, withheld_teams

DEFAULTS = Thresholds()


def build_rows(
    costs: MergedCosts,
    dimension: Dimension,
    sizes: Mapping[str, int | None] | None = None,
    calibrations: Mapping[str, TeamCalibrations] | None = None,
    thresholds: Thresholds = DEFAULTS,
    active: Collection[str] | None = None,
) -> dict[Cell, TokensPerPullRequest]:
    """Return a sorted row for each period and group in which something was merged or received.

    `sizes` (people) and `calibrations` are by team name, and needed for the dimension team only. Teams below the
    `thresholds` are withheld beside other teams that are `active` (default: all).
    """
    cells = set(costs.spent) | set(costs.received)
    if dimension in OF_PULL_REQUESTS:
        cells |= set(costs.merges)
    reasons = {} if sizes is None else withheld_teams(merged_by_group(costs), sizes, thresholds, active)
    rows = {}
    for cell in sorted(cells):
        reason = reasons.get(cell.group)
        row = withheld(reason) if reason else shown(costs, cell, dimension)
        group: dict[str, Any] = {dimension.value: cell.group}
        if sizes is not None:
            group["size"] = sizes.get(cell.group)
            known = (calibrations or {}).get(cell.group, {})
            group |= withheld_certainty() if reason else certainty(costs, cell, known)
        rows[cell] = TokensPerPullRequest(period_start=cell.period, **group, **row)
    return rows


def merged_by_group(costs: MergedCosts) -> Counter[str]:
    """Count the pull requests merged in the whole period, by group."""
    merged: Counter[str] = Counter()
    for cell, count in costs.merges.items():
        merged[cell.group] += count
    return merged


def shown(costs: MergedCosts, cell: Cell, dimension: Dimension) -> dict[str, Any]:
    """Return the figures of one cell."""
    counted = cell if dimension in OF_PULL_REQUESTS else Cell(cell.period, "")
    spend = costs.spent.get(cell, Spend())
    received = None if dimension in OF_MERGES_ONLY else costs.received.get(cell, 0)
    return figures(costs.merges.get(counted, 0), spend.tokens, spend.nano_usd, received)


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
    return {"interval": interval_of(tokens, merged, calibrations), "reliable": is_reliable(tokens, merged)}


def withheld_certainty() -> dict[str, Any]:
    """Return the empty interval and reliability of a withheld row."""
    return {"interval": None, "reliable": None}


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
