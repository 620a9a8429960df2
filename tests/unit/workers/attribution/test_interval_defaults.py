import pytest

from schema.intervals import Calibration, bounds
from workers.attribution.interval_defaults import LINKED_SHARES, default_quantiles
from workers.attribution.intervals import SIZES
from workers.attribution.model import COHORT, REPOSITORY


@pytest.mark.parametrize("evidence", [COHORT, REPOSITORY])
@pytest.mark.parametrize("linked_share", LINKED_SHARES)
def test_there_are_quantiles_for_every_size_of_sum_and_an_error_of_none_is_within_them(
    evidence: str, linked_share: float
) -> None:
    quantiles = default_quantiles(evidence, linked_share)
    assert tuple(each.pull_requests for each in quantiles) == SIZES
    assert all(each.low < 0 < each.high for each in quantiles)


@pytest.mark.parametrize(("told", "nearest"), [(0.0, 0.0), (0.14, 0.0), (0.2, 0.3), (0.5, 0.6), (0.8, 0.9), (1.0, 0.9)])
def test_a_linked_share_takes_the_nearest_that_was_measured(told: float, nearest: float) -> None:
    assert default_quantiles(COHORT, told) == default_quantiles(COHORT, nearest)


def test_a_sum_over_many_is_surer_than_one_pull_request_and_a_repository_surer_than_a_team() -> None:
    def width(evidence: str, pull_requests: int) -> int:
        low, high = bounds(0, 1_000_000, pull_requests, Calibration(1000, default_quantiles(evidence, 0.3)))
        return high - low

    assert width(COHORT, 1) > 2 * width(COHORT, 25) > 0
    assert width(COHORT, 1) > width(REPOSITORY, 1)
