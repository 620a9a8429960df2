"""The ranking by what each cost at least is exact, though the database orders by the figure."""

from service.dashboard.pull_requests.ranking import MOST, least_of, rank
from service.queries.artifacts.pull_request_lists import Candidate
from service.queries.ledger.calibrations import TeamCalibrations
from vocabulary.intervals import Calibration, Quantiles

HALVED: TeamCalibrations = {"cohort": Calibration(0, (Quantiles(1, -0.7, 0.7),))}


def candidate(number: int, dollars: int, linked: int, cohort: int = 0) -> Candidate:
    return Candidate(bytes([number]) * 32, 1, dollars, linked, 0, cohort)


def test_what_is_linked_is_the_least_until_intervals_are_measured() -> None:
    assert least_of(candidate(1, 100, 60, 40), {}) == 60
    assert least_of(candidate(1, 100, 100), HALVED) == 100
    assert 79 <= least_of(candidate(1, 100, 60, 40), HALVED) <= 80
    assert least_of(candidate(1, 0, 0), HALVED) == 0


def test_a_page_is_complete_once_no_cheaper_one_can_come_before() -> None:
    weak, sure, cheap = candidate(1, 100, 0, 100), candidate(2, 60, 60), candidate(3, 40, 40)
    ranking = rank([weak, sure, cheap], {1: HALVED}, read=3, skip=0, take=1)
    assert ranking is not None
    assert (list(ranking.artifact_ids), ranking.has_more, ranking.is_exact) == ([sure.artifact_id], True, True)
    assert rank([weak, sure], {1: HALVED}, read=2, skip=0, take=2) is None, "a third may cost 59 at least"


def test_the_last_page_has_no_next_one() -> None:
    found = [candidate(1, 100, 100), candidate(2, 60, 60)]
    ranking = rank(found, {}, read=100, skip=1, take=1)
    assert ranking is not None
    assert (list(ranking.artifact_ids), ranking.has_more) == ([found[1].artifact_id], False)
    assert rank([], {}, read=100, skip=0, take=25) == ([], False, True)


def test_beyond_the_most_that_are_read_a_ranking_says_that_it_is_not_exact() -> None:
    weak = [candidate(number, 100, 1, 99) for number in range(3)]
    ranking = rank(weak * (MOST // 3 + 1), {1: HALVED}, read=MOST, skip=0, take=2)
    assert ranking is not None
    assert not ranking.is_exact
