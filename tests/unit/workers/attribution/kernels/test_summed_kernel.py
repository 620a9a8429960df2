from math import exp

import pytest

from tests.unit.workers.attribution.builders import MONDAY, pull_request
from workers.attribution.claims import lives_of
from workers.attribution.kernels.summed_kernel import SummedKernel
from workers.attribution.model import PullRequest

START = int(MONDAY.timestamp()) // 3600
FLOOR = SummedKernel().floor


def weights(known: PullRequest) -> dict[int, float]:
    """By hour from the Monday's midnight, from a week before it to nine weeks after it."""
    activity = SummedKernel().activity_in(lives_of([known]), START - 168, START + 9 * 168)
    return dict(zip((activity.hour - START).tolist(), activity.weight.tolist(), strict=True))


def test_the_weight_before_an_activity_falls_off_with_one_hour() -> None:
    weight = weights(pull_request("a", opened=10))
    assert weight[7] / weight[8] == pytest.approx(exp(-1))


def test_work_counts_more_before_an_activity_than_after_it() -> None:
    weight = weights(pull_request("a", opened=10))
    assert weight[9] > weight[10] > weight[11] > 0


def test_an_activity_inside_the_hour_weighs_before_and_after_it() -> None:
    late, early = weights(pull_request("a", opened=10.9)), weights(pull_request("b", opened=10.1))
    assert late[10] > early[10] > 0


def test_the_end_is_an_activity_too() -> None:
    assert weights(pull_request("a", opened=0, ended=100.5))[99] > FLOOR


def test_an_open_pull_request_without_activity_near_keeps_a_small_floor() -> None:
    assert weights(pull_request("a", opened=0))[100] == FLOOR


def test_an_open_pull_request_asleep_for_a_month_has_no_floor() -> None:
    assert 31 * 24 not in weights(pull_request("a", opened=0))


def test_a_review_wakes_a_pull_request_that_slept() -> None:
    assert weights(pull_request("a", opened=0, activity=[40 * 24]))[42 * 24] == FLOOR


def test_a_pull_request_weighs_nothing_once_it_has_ended() -> None:
    weight = weights(pull_request("a", opened=0, ended=10.5))
    assert weight[10] > 0
    assert 11 not in weight


def test_commits_before_the_opening_are_work_on_the_pull_request() -> None:
    assert weights(pull_request("a", opened=200, activity=[5]))[4] > FLOOR


def test_nothing_counts_more_than_a_day_before_its_first_activity() -> None:
    assert min(weights(pull_request("a", opened=50))) == 25


def test_a_repeated_instant_counts_once() -> None:
    assert weights(pull_request("a", opened=10, activity=[10, 10])) == weights(pull_request("a", opened=10))
