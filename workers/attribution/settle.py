"""Settles days of one team: attributes every token of their windows to a pull request or to overhead.

The result depends on the windows and facts alone, not on their order.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from vocabulary.tokens import TOKEN_KINDS, TokenCounts
from workers.attribution.apportion import Whole
from workers.attribution.blocks import blocks, data_span
from workers.attribution.cells import cells_of
from workers.attribution.claims import lives_of
from workers.attribution.evidence import EvidenceIndex
from workers.attribution.fit import Linked
from workers.attribution.ledger import EPOCH, EVIDENCE_PLACES, Ledger, RollupRows, Total, roll_up
from workers.attribution.matches import Matches, match_windows
from workers.attribution.methods import CURRENT, Method
from workers.attribution.model import COHORT, OVERHEAD, REPOSITORY, Facts, PullRequest, Window
from workers.attribution.shares import Explored, Work, shares_of
from workers.attribution.split import split
from workers.attribution.window_columns import HOURS_A_DAY, Windows

LARGEST_SUM = (1 << 63) - 1


def settle(
    windows: Windows | Iterable[Window],
    facts: Facts,
    exploratory_share: float,
    method: Method = CURRENT,
    days: Collection[date] | None = None,
) -> Ledger:
    """Settle `days` (UTC) of one team, or all days with windows when None.

    Tokens linked by artifact, commit or branch go to their pull request as a whole. Of those known only by repository
    or team, the exploratory share (0 to 1) goes to overhead and the rest is split by the method; without activity, all
    is overhead. Sums are exact for every window, token kind and nano-USD. Windows of other days only inform the fit;
    `data_span` returns the days needed. Raises OverflowError when a day's total reaches 2^63.
    """
    if not isinstance(windows, Windows):
        windows = Windows.of(windows)
    wanted = _days_of(windows) if days is None else sorted(set(days))
    totals = {day: _total(windows, day) for day in wanted}

    artifacts, matches, work = prepare(windows, facts)
    written = np.isin(windows.hour // HOURS_A_DAY, [(day - EPOCH).days for day in wanted])
    cells = np.unique(work.cells.of_window[written & (matches.pool >= 0)])
    shares = shares_of(work, cells, blocks(wanted, method), exploratory_share, method)
    rows = split(windows, np.flatnonzero(written), artifacts, matches, work.cells, shares)
    rollup = roll_up(rows)
    return Ledger(rows, rollup, totals, method.name, _dependencies(rollup, method))


def prepare(windows: Windows, facts: Facts) -> tuple[tuple[bytes, ...], Matches, Work]:
    """Return artifact ids with overhead first, what each window's evidence resolves to, and what shares depend on."""
    pull_requests = sorted(facts.pull_requests, key=lambda each: each.artifact_id)
    artifacts = (OVERHEAD, *(each.artifact_id for each in pull_requests))
    index = EvidenceIndex(facts)
    matches = match_windows(windows, index, {artifact_id: place for place, artifact_id in enumerate(artifacts)})
    return artifacts, matches, _work(windows, matches, index, pull_requests)


def _dependencies(rollup: RollupRows, method: Method) -> dict[date, tuple[date, date]]:
    """Return the days that each day depends on if fitted rates split its tokens."""
    if method.prior is None:
        return {}
    shared = np.isin(rollup.evidence, [EVIDENCE_PLACES[REPOSITORY], EVIDENCE_PLACES[COHORT]])
    days = [EPOCH + timedelta(days=day) for day in np.unique(rollup.day[shared]).tolist()]
    spans = {day: data_span([day], method) for day in days}
    return {day: (first, end - timedelta(days=1)) for day, (first, end) in spans.items()}


def _work(windows: Windows, matches: Matches, index: EvidenceIndex, pull_requests: Sequence[PullRequest]) -> Work:
    linked = np.flatnonzero(matches.artifact > 0)
    explored = np.flatnonzero((matches.artifact == 0) & (matches.pool < 0))
    return Work(
        lives=lives_of(pull_requests),
        members=_members(matches, index, pull_requests),
        cells=cells_of(windows, matches),
        linked=Linked(
            pull_request=matches.artifact[linked] - 1,
            hour=windows.hour[linked],
            tokens=_tokens(windows, linked),
        ),
        explored=Explored(windows.hour[explored], _tokens(windows, explored)),
    )


def _tokens(windows: Windows, places: Whole) -> NDArray[np.float64]:
    tokens: NDArray[np.float64] = windows.amounts[places, : len(TOKEN_KINDS)].sum(axis=1, dtype=np.float64)
    return tokens


def _members(matches: Matches, index: EvidenceIndex, pull_requests: Sequence[PullRequest]) -> NDArray[np.bool_]:
    """Return which pull requests take part in which pool (pools, pull requests)."""
    place = {each.artifact_id: place for place, each in enumerate(pull_requests)}
    members = np.zeros((len(matches.pools), len(pull_requests)), dtype=bool)
    for row, pool in zip(members, matches.pools, strict=True):
        row[[place[each.artifact_id] for each in index.members(pool)]] = True
    return members


def _days_of(windows: Windows) -> list[date]:
    return [EPOCH + timedelta(days=day) for day in np.unique(windows.hour // HOURS_A_DAY).tolist()]


def _total(windows: Windows, day: date) -> Total:
    """Return the total of a day's windows, added up in halves so that no sum overflows unnoticed."""
    first = (day - EPOCH).days * HOURS_A_DAY
    amounts = windows.amounts[slice(*np.searchsorted(windows.hour, (first, first + HOURS_A_DAY)))]
    halves = zip((amounts >> 32).sum(axis=0).tolist(), (amounts & 0xFFFF_FFFF).sum(axis=0).tolist(), strict=True)
    *tokens, cost = [(high << 32) + low for high, low in halves]
    if max(*tokens, cost) > LARGEST_SUM:
        raise OverflowError("a day's windows exceed what the ledger can count")
    return Total(TokenCounts(*tokens), cost)
