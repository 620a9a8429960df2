from datetime import timedelta

from tests.unit.workers.attribution.builders import at
from workers.attribution.branch_lives import BEFORE_OPENING, SLACK, BranchLife, owners


def life(name: str, opened: float, ended: float | None = None) -> BranchLife:
    return BranchLife(name.encode(), at(opened), None if ended is None else at(ended))


FIRST, SECOND = life("first", 10, 20), life("second", 40)


def test_a_commit_belongs_to_the_pull_request_that_lived_when_it_was_pushed() -> None:
    assert owners(at(15), [SECOND, FIRST]) == [FIRST]
    assert owners(at(45), [SECOND, FIRST]) == [SECOND]


def test_a_commit_pushed_before_an_opening_belongs_to_the_one_opened_next() -> None:
    assert owners(at(9), [SECOND, FIRST]) == [FIRST]
    assert owners(at(30), [SECOND, FIRST]) == [SECOND]


def test_a_push_at_the_moment_of_the_end_belongs_to_the_ending_pull_request() -> None:
    assert owners(at(20) + SLACK, [FIRST, SECOND]) == [FIRST]
    assert owners(at(20) + SLACK + timedelta(seconds=1), [FIRST, SECOND]) == [SECOND]


def test_a_commit_waits_a_month_for_a_pull_request_and_no_longer() -> None:
    assert owners(SECOND.opened_at - BEFORE_OPENING, [SECOND]) == [SECOND]
    assert owners(SECOND.opened_at - BEFORE_OPENING - timedelta(seconds=1), [SECOND]) == []


def test_a_commit_after_the_last_end_belongs_to_no_pull_request() -> None:
    assert owners(at(30), [FIRST]) == []


def test_two_pull_requests_open_from_one_branch_both_hold_what_is_pushed_to_it() -> None:
    backport = life("backport", 12)
    assert owners(at(15), [backport, FIRST]) == [FIRST, backport]
