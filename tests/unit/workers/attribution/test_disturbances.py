import pytest

from tests.unit.workers.attribution.builders import facts, pull_request, window
from vocabulary.intervals import Doubt
from workers.attribution.disturbances import ENOUGH_HOURS, LEAST_WRONG, UNSEEN_WRONG, disturbances
from workers.attribution.methods import CURRENT
from workers.attribution.model import Facts, Window
from workers.attribution.settle import prepare
from workers.attribution.window_columns import Windows


def found(windows: list[Window], known: Facts) -> tuple[Doubt, ...]:
    _, _, work = prepare(Windows.of(windows), known)
    return disturbances(work, CURRENT).doubts


def busy(pull_requests: int, hours: int = 6) -> tuple[list[Window], Facts]:
    """One pull request a day whose last hour of work ends in a commit."""
    known = [
        pull_request(f"p{day}", 24 * day + 9 + hours, 24 * day + 20, activity=[24 * day + 9 + hours])
        for day in range(pull_requests)
    ]
    return [window(24 * day + 9 + hour) for day in range(pull_requests) for hour in range(hours)], facts(*known)


def test_without_links_exploration_is_assumed() -> None:
    windows, known = busy(20)
    assert found(windows, known) == (Doubt.EXPLORATION_ASSUMED,)
    assert found([], known) == (Doubt.EXPLORATION_ASSUMED,)


def test_enough_linked_hours_tell_what_is_exploration() -> None:
    days = ENOUGH_HOURS // 6 + 1
    windows, known = busy(days)
    linked = [
        window(24 * day + 9 + hour, name="linked", artifact=f"p{day}".encode())
        for day in range(days)
        for hour in range(6)
    ]
    assert Doubt.EXPLORATION_ASSUMED not in found([*windows, *linked], known)


def test_an_hour_with_more_than_a_tenth_of_the_tokens_is_a_burst() -> None:
    windows, known = busy(20)
    burst = [*windows, window(24 * 3 + 10, 30_000, name="burst")]
    assert Doubt.ONE_BURST in found(burst, known)
    _, _, work = prepare(Windows.of(burst), known)
    assert disturbances(work, CURRENT).burst == pytest.approx(31 / 150)


def test_links_after_the_end_of_their_pull_request_make_the_others_less_sure() -> None:
    windows, known = busy(20)
    right = [window(24 * day + 9, name="right", artifact=f"p{day}".encode()) for day in range(20)]
    stale = [window(24 * day + 30, name="stale", artifact=f"p{day}".encode()) for day in range(2)]
    sure, unsure = (
        disturbances(prepare(Windows.of([*windows, *links]), known)[2], CURRENT).direct_error
        for links in (right, [*right, *stale])
    )
    assert sure == LEAST_WRONG
    assert unsure == pytest.approx(LEAST_WRONG + UNSEEN_WRONG * 2 / 22)


def test_pull_requests_that_are_always_or_never_linked_are_no_sample_of_each_other() -> None:
    known = facts(
        *(pull_request(f"p{each}", 9, 200, activity=[24 * day + 10 for day in range(8)]) for each in range(20))
    )
    linked = [
        window(24 * day + 10, name=str(each), artifact=f"p{each}".encode())
        for each in range(0, 20, 2)
        for day in range(8)
    ]
    assert Doubt.LINKS_NOT_RANDOM in found([*linked, *(window(24 * day + 10, 9000) for day in range(8))], known)
