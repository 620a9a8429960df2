"""How pull requests are ranked by what each cost at least. Pure."""

from collections.abc import Mapping, Sequence

from service.api.ledger.intervals import EvidenceTokens, interval_of
from service.dashboard.components.ranking import Ranking, rank_page
from service.http.recent_calibrations import NONE
from service.queries.artifacts.pull_request_lists import Candidate
from service.queries.ledger.calibrations import TeamCalibrations

# How many are read at first and at most, and how many times more each time.
FIRST, MOST, MORE = 100, 1_000, 3


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
    costs = [(each.artifact_id, each.nano_usd) for each in candidates]
    return rank_page(costs, least, read=read, most=MOST, skip=skip, take=take)
