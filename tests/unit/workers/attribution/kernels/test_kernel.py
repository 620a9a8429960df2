import numpy as np
import pytest

from tests.unit.workers.attribution.builders import MONDAY, pull_request
from workers.attribution.claims import lives_of
from workers.attribution.kernels.kernel import Activity, Kernel
from workers.attribution.model import PullRequest

START = int(MONDAY.timestamp()) // 3600
KERNEL = Kernel()


def activity_of(*known: PullRequest, first: int = -168, last: int = 9 * 168) -> Activity:
    return KERNEL.activity_in(lives_of(known), START + first, START + last)


def weights(known: PullRequest) -> dict[int, float]:
    """By hour from the Monday's midnight."""
    activity = activity_of(known)
    return dict(zip((activity.hour - START).tolist(), activity.weight.tolist(), strict=True))


def test_the_hour_of_a_commit_was_most_probably_worked_in() -> None:
    weight = weights(pull_request("a", opened=50.5))
    assert max(weight, key=weight.__getitem__) == 50
    assert weight[50] > 5 * weight[49]


def test_what_is_committed_right_after_the_full_hour_was_worked_on_before_it() -> None:
    weight = weights(pull_request("a", opened=200, activity=[50.01]))
    assert weight[49] > weight[50]


def test_hours_before_a_commit_count_less_the_farther_they_are() -> None:
    weight = weights(pull_request("a", opened=200, activity=[50.5]))
    assert weight[50] > weight[49] > weight[48] > weight[46] > weight[42] > 0


def test_work_goes_on_after_a_commit_until_the_pull_request_is_opened() -> None:
    before, after = weights(pull_request("a", opened=200, activity=[50])), weights(pull_request("a", opened=50))
    assert before[51] > 3 * after[51]


def test_an_hour_between_two_commits_counts_more_than_one_beside_a_single_one() -> None:
    between = weights(pull_request("a", opened=200, activity=[50.5, 52.5]))[51]
    assert between > weights(pull_request("a", opened=200, activity=[50.5]))[51]
    assert between > weights(pull_request("a", opened=200, activity=[52.5]))[51]


def test_a_pull_request_that_waits_for_review_counts_little() -> None:
    weight = weights(pull_request("a", opened=0, ended=100))
    assert weight[50] == pytest.approx(KERNEL.quiet_open, rel=1e-3)


def test_an_open_pull_request_counts_until_it_is_asleep() -> None:
    assert max(weights(pull_request("a", opened=0))) == 30 * 24 - 1


def test_a_review_wakes_a_pull_request_that_slept() -> None:
    assert 42 * 24 in weights(pull_request("a", opened=0, activity=[40 * 24]))


def test_a_pull_request_counts_to_the_hour_of_its_end() -> None:
    assert max(weights(pull_request("a", opened=0, ended=10.5))) == 10


def test_a_merge_commit_does_not_count_as_work() -> None:
    reported = weights(pull_request("a", opened=0, ended=100.5, activity=[100.5]))
    assert reported == weights(pull_request("a", opened=0, ended=100.5))
    assert reported[100] == pytest.approx(KERNEL.quiet_open, rel=1e-3)


def test_nothing_counts_long_before_the_first_activity() -> None:
    assert min(weights(pull_request("a", opened=50))) == 50 - KERNEL.reach


def test_no_hour_is_more_than_certain() -> None:
    busy = pull_request("a", opened=200, activity=[50 + tenth / 10 for tenth in range(100)])
    assert all(0 < weight < 1 for weight in weights(busy).values())


def test_pull_requests_do_not_touch_each_other() -> None:
    first, second = pull_request("a", opened=10, ended=30, activity=[5]), pull_request("b", opened=20, activity=[15.2])
    together = activity_of(first, second)
    for index, alone in enumerate([activity_of(first), activity_of(second)]):
        mine = together.pull_request == index
        assert np.array_equal(together.hour[mine], alone.hour)
        assert np.allclose(together.weight[mine], alone.weight, rtol=1e-6)


def test_a_part_of_the_hours_weighs_the_same_as_within_all() -> None:
    known = pull_request("a", opened=60, ended=90, activity=[10, 30, 50])
    part = activity_of(known, first=20, last=40)
    assert part.hour.tolist() == list(range(START + 20, START + 40))
    assert part.weight.tolist() == [weights(known)[hour] for hour in range(20, 40)]


def test_no_pull_requests_have_no_activity() -> None:
    assert len(activity_of().hour) == 0
