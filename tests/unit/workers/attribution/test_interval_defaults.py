from itertools import product

import pytest

from vocabulary.intervals import Calibration, bounds
from workers.attribution.dispersion import Dispersion
from workers.attribution.interval_defaults import LINKED_SHARES, default_quantiles
from workers.attribution.intervals import SIZES
from workers.attribution.model import COHORT, REPOSITORY


@pytest.mark.parametrize("evidence", [COHORT, REPOSITORY])
@pytest.mark.parametrize("linked_share", LINKED_SHARES)
def test_quantiles_exist_for_every_sum_size_and_include_an_error_of_zero(evidence: str, linked_share: float) -> None:
    extremes = [Dispersion(*each) for each in product((1.0, 1e9), (0.0, 1.0))]
    for dispersion in (None, *extremes):
        quantiles = default_quantiles(evidence, linked_share, dispersion)
        assert tuple(each.pull_requests for each in quantiles) == SIZES
        assert all(each.low < 0 < each.high for each in quantiles)


@pytest.mark.parametrize(
    ("reported", "nearest"), [(0.0, 0.0), (0.14, 0.0), (0.2, 0.3), (0.5, 0.6), (0.8, 0.9), (1.0, 0.9)]
)
def test_a_linked_share_takes_the_nearest_that_was_measured(reported: float, nearest: float) -> None:
    assert default_quantiles(COHORT, reported, None) == default_quantiles(COHORT, nearest, None)


def test_a_sum_over_many_is_surer_than_one_pull_request_and_a_repository_surer_than_a_team() -> None:
    def width(evidence: str, pull_requests: int) -> int:
        low, high = bounds(0, 1_000_000, pull_requests, Calibration(1000, default_quantiles(evidence, 0.3, None)))
        return high - low

    assert width(COHORT, 1) > 2 * width(COHORT, 25) > 0
    assert width(COHORT, 1) > width(REPOSITORY, 1)


@pytest.mark.parametrize("evidence", [COHORT, REPOSITORY])
@pytest.mark.parametrize("linked_share", LINKED_SHARES)
def test_a_crowded_team_is_less_sure_also_beyond_the_measured_range(evidence: str, linked_share: float) -> None:
    def width(crowding: float) -> float:
        single = default_quantiles(evidence, linked_share, Dispersion(crowding, 0.5))[0]
        return single.high - single.low

    assert width(1.2) < width(1.5) < width(100.0)
    assert width(100.0) == width(1000.0)


def test_a_typical_team_is_between_a_crowded_and_an_empty_one() -> None:
    low, typical, high = (
        default_quantiles(COHORT, 0.0, each) for each in (Dispersion(1, 0.4), None, Dispersion(9, 0.4))
    )
    assert low[0].low > typical[0].low > high[0].low
    assert low[0].high < typical[0].high < high[0].high
