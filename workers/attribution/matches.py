"""Where the tokens of each window go: to one pull request, to overhead, or into a pool that is split."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vocabulary.tokens import TokenCounts
from workers.attribution.apportion import Whole
from workers.attribution.evidence import EvidenceIndex, Explored, Link, Pool
from workers.attribution.ledger import EVIDENCE_PLACES
from workers.attribution.model import Evidence, Window
from workers.attribution.window_columns import Windows, hour_begins


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """What the evidence of windows resolves to.

    `pool` (windows,) is an index into `pools`, or -1 where all tokens go to one `artifact` (windows,), the index of its
    id, 0 for overhead. `evidence` (windows,) is an index into EVIDENCE.
    """

    pools: tuple[Pool, ...]
    pool: Whole
    artifact: Whole
    evidence: Whole


def match_windows(windows: Windows, index: EvidenceIndex, artifact_places: Mapping[bytes, int]) -> Matches:
    """Match each distinct evidence once, and once per hour if it names work, whose meaning changes over time."""
    first = int(windows.hour.min(initial=0))
    span = int(windows.hour.max(initial=0)) - first + 1
    names_work = np.array([_names_work(evidence) for evidence in windows.evidence_values], dtype=bool)
    at = np.where(names_work[windows.evidence], windows.hour - first, 0) if len(windows) else windows.hour
    distinct, position = np.unique(windows.evidence * span + at, return_inverse=True)
    found = [
        _match(index, windows.evidence_values[evidence], first + hour)
        for evidence, hour in zip(*(part.tolist() for part in np.divmod(distinct, span)), strict=True)
    ]
    pools = tuple(sorted({match for match in found if isinstance(match, Pool)}, key=_order))
    pool_places = {pool: place for place, pool in enumerate(pools)}
    pool = [pool_places[match] if isinstance(match, Pool) else -1 for match in found]
    artifact = [artifact_places[match.artifact_id] if isinstance(match, Link) else 0 for match in found]
    evidence = [EVIDENCE_PLACES[match.evidence] for match in found]
    return Matches(pools, *(np.array(column, dtype=np.int64)[position] for column in (pool, artifact, evidence)))


def _match(index: EvidenceIndex, evidence: Evidence, hour: int) -> Link | Explored | Pool:
    return index.match(Window(b"", hour_begins(hour), TokenCounts(), evidence=evidence))


def _order(pool: Pool) -> tuple[str, list[bytes]]:
    """Return a sort key that does not depend on the order of windows."""
    return pool.evidence, sorted(pool.repositories or ())


def _names_work(evidence: Evidence) -> bool:
    """Return whether evidence names more than a repository."""
    artifact, number, commit, branch, _ = evidence
    return any((artifact, number, commit, branch))
