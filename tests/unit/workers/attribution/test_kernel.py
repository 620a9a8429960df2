from math import exp

import pytest

from tests.unit.workers.attribution.builders import at, pull_request
from workers.attribution.kernel import FLOOR, RESOLUTION, Life, whole_weights


def test_the_weight_before_an_activity_falls_off_with_one_hour() -> None:
    life = Life(pull_request("a", opened=10, activity=[]))
    assert life.weight(at(7)) / life.weight(at(8)) == pytest.approx(exp(-1))


def test_work_counts_more_before_an_activity_than_after_it() -> None:
    life = Life(pull_request("a", opened=10))
    assert life.weight(at(9)) > life.weight(at(10)) > life.weight(at(11)) > 0


def test_an_activity_within_the_hour_weighs_on_both_sides_of_it() -> None:
    late, early = Life(pull_request("a", opened=10.9)), Life(pull_request("b", opened=10.1))
    assert late.weight(at(10)) > early.weight(at(10)) > 0


def test_an_open_pull_request_without_activity_near_keeps_a_small_floor() -> None:
    assert Life(pull_request("a", opened=0)).weight(at(100)) == FLOOR


def test_an_open_pull_request_asleep_for_a_month_has_no_floor() -> None:
    assert Life(pull_request("a", opened=0)).weight(at(31 * 24)) == 0


def test_a_review_wakes_a_pull_request_that_slept() -> None:
    assert Life(pull_request("a", opened=0, activity=[40 * 24])).weight(at(42 * 24)) == FLOOR


def test_a_pull_request_weighs_nothing_once_it_has_ended() -> None:
    life = Life(pull_request("a", opened=0, ended=10.5))
    assert life.weight(at(10)) > 0
    assert life.weight(at(11)) == 0


def test_commits_before_the_opening_are_work_on_the_pull_request() -> None:
    assert Life(pull_request("a", opened=200, activity=[5])).weight(at(4)) > FLOOR


def test_nothing_counts_more_than_a_day_before_its_first_activity() -> None:
    assert Life(pull_request("a", opened=50)).weight(at(24)) == 0


def test_the_same_instant_told_twice_counts_once() -> None:
    assert Life(pull_request("a", opened=10, activity=[10, 10])).weight(at(9)) == Life(
        pull_request("a", opened=10)
    ).weight(at(9))


def test_weights_are_whole_and_the_strongest_has_the_full_resolution() -> None:
    weights = whole_weights([Life(pull_request("a", opened=10)), Life(pull_request("b", opened=11))], at(9))
    assert weights[b"a"] == RESOLUTION
    assert weights[b"b"] == pytest.approx(RESOLUTION * exp(-1) / (1 - exp(-1)) * (1 - exp(-1)), rel=1e-6)


def test_a_negligible_weight_beside_a_strong_one_earns_nothing() -> None:
    quiet, busy = Life(pull_request("quiet", opened=-100)), Life(pull_request("busy", opened=10))
    assert set(whole_weights([quiet, busy], at(9))) == {b"busy"}
    assert set(whole_weights([quiet, busy], at(-50))) == {b"quiet"}


def test_nothing_active_gives_no_weights() -> None:
    assert whole_weights([Life(pull_request("a", opened=0, ended=1))], at(2)) == {}
