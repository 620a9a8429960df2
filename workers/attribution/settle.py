"""Settlement of one team and one UTC day: every token of its windows to a pull request, or to overhead.

The result depends on the windows and the facts alone, not on the order in which they are given.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from schema.tokens import TokenCounts, sum_tokens
from workers.attribution.apportion import Share, apportion
from workers.attribution.evidence import EvidenceIndex, Explored, Link, Pool
from workers.attribution.kernel import Life, whole_weights
from workers.attribution.model import (
    NO_EVIDENCE,
    OVERHEAD,
    AttributionRow,
    Facts,
    Ledger,
    RollupRow,
    Window,
)

# The exploratory share counts in millionths, so that it too is split in whole numbers.
MILLION = 1_000_000


def settle(windows: Iterable[Window], facts: Facts, exploratory_share: float) -> Ledger:
    """The ledger of one team-day.

    Tokens linked by artifact, commit or branch go whole to their pull request. Of those known by repository or team
    alone the exploratory share (0 to 1) goes to overhead and the rest is split by activity; with nothing active, all
    is overhead. Sums are exact for every window, token kind and nano-USD.
    """
    ordered = sorted(windows, key=lambda window: (window.hour, window.window_id))
    split = _Split(facts, exploratory_share)
    rows: list[AttributionRow] = []
    rollup = defaultdict[tuple[bytes, str, str, str], list[AttributionRow]](list)
    for window in ordered:
        evidence, shares = split.of(window)
        for row in _rows(window, evidence, shares):
            rows.append(row)
            rollup[row.artifact_id, row.evidence, window.model, window.workflow].append(row)
    return Ledger(
        rows=tuple(rows),
        rollup=tuple(_summed(key, rollup[key]) for key in sorted(rollup)),
        tokens=sum_tokens(window.tokens for window in ordered),
        cost_nano_usd=sum(window.cost_nano_usd for window in ordered),
    )


class _Split:
    """Shares of a day's windows; those of one pool and hour are computed once."""

    def __init__(self, facts: Facts, exploratory_share: float) -> None:
        self._index = EvidenceIndex(facts)
        self._exploratory = round(min(max(exploratory_share, 0.0), 1.0) * MILLION)
        self._lives: dict[Pool, list[Life]] = {}
        self._shares: dict[tuple[Pool, datetime], list[Share]] = {}

    def of(self, window: Window) -> tuple[str, list[Share]]:
        match = self._index.match(window)
        if isinstance(match, Link):
            return match.evidence, [Share(match.artifact_id, 1)]
        if isinstance(match, Explored):
            return match.evidence, [Share(OVERHEAD, 1)]
        key = (match, window.hour)
        if key not in self._shares:
            self._shares[key] = self._of_pool(match, window.hour)
        return match.evidence, self._shares[key]

    def _of_pool(self, pool: Pool, hour: datetime) -> list[Share]:
        if pool not in self._lives:
            self._lives[pool] = [Life(pull_request) for pull_request in self._index.members(pool)]
        weights = whole_weights(self._lives[pool], hour)
        if not weights or self._exploratory == MILLION:
            return [Share(OVERHEAD, 1)]
        shares = [Share(artifact_id, weights[artifact_id] * (MILLION - self._exploratory)) for artifact_id in weights]
        overhead = Share(OVERHEAD, sum(weights.values()) * self._exploratory)
        return sorted([overhead, *shares])


def _rows(window: Window, evidence: str, shares: Sequence[Share]) -> Iterator[AttributionRow]:
    """One row for each share that got something."""
    kinds = [apportion(amount, shares) for amount in window.tokens]
    costs = apportion(window.cost_nano_usd, shares)
    for share, cost, *tokens in zip(shares, costs, *kinds, strict=True):
        if cost or any(tokens):
            yield AttributionRow(
                window_id=window.window_id,
                hour=window.hour,
                artifact_id=share.artifact_id,
                evidence=evidence if share.artifact_id != OVERHEAD else NO_EVIDENCE,
                tokens=TokenCounts(*tokens),
                cost_nano_usd=cost,
            )


def _summed(key: tuple[bytes, str, str, str], rows: Sequence[AttributionRow]) -> RollupRow:
    artifact_id, evidence, model, workflow = key
    return RollupRow(
        artifact_id=artifact_id,
        evidence=evidence,
        model=model,
        workflow=workflow,
        tokens=sum_tokens(row.tokens for row in rows),
        cost_nano_usd=sum(row.cost_nano_usd for row in rows),
    )
