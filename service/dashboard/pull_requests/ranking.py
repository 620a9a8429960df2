"""Ranking by what each pull request cost at least, the low end of its interval. Pure.

The database orders by the figure itself. What costs less than the last of a page costs less at least, too: so the
dearest are read until that holds, and the ranking is exact.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.api.ledger.intervals import EvidenceTokens, interval_of
from service.http.recent_calibrations import NONE
from service.queries.ledger.calibrations import TeamCalibrations
from service.queries.ledger.pull_request_lists import Candidate

# How many are read at first and at most, and how many times more each time.
FIRST, MOST, MORE = 100, 1_000, 3


class Ranking(NamedTuple):
    """Artifact ids by rank. Only the first are ranked against all others unless it is exact."""

    artifact_ids: Sequence[bytes]
    has_more: bool
    is_exact: bool


def least_of(candidate: Candidate, calibrations: TeamCalibrations) -> float:
    """Return what a pull request cost at least in nano-USD; without an interval, what is linked to it."""
    tokens = EvidenceTokens(candidate.linked, candidate.repository, candidate.cohort)
    total = tokens.direct + tokens.pooled
    if not total:
        return candidate.nano_usd
    interval = interval_of(tokens, 1, calibrations)
    return candidate.nano_usd * (interval.low if interval else tokens.direct) / total


def rank(
    candidates: Sequence[Candidate], calibrations: Mapping[int, TeamCalibrations], *, read: int, skip: int, take: int
) -> Ranking | None:
    """Return a page of the dearest `read` candidates; None if more must be read for an exact ranking."""
    least = {each.artifact_id: least_of(each, calibrations.get(each.team_id, NONE)) for each in candidates}
    ordered = sorted(candidates, key=lambda each: (-least[each.artifact_id], -each.nano_usd, each.artifact_id))
    is_all = len(candidates) < read
    last = ordered[: skip + take][-1:]
    is_exact = is_all or (
        len(ordered) > skip + take and least[last[0].artifact_id] >= min(each.nano_usd for each in candidates)
    )
    if not is_exact and read < MOST:
        return None
    shown = [each.artifact_id for each in ordered[skip : skip + take]]
    return Ranking(shown, len(ordered) > skip + take, is_exact)
