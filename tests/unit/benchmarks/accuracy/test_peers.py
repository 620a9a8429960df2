from dataclasses import replace

import pytest

from tests.benchmarks.accuracy import peers
from tests.benchmarks.accuracy.settings import Setting
from tests.unit.benchmarks.accuracy.truths import event, pull_request, team

COHORT, REPOSITORY, LINKED = Setting("cohort"), Setting("repository", repository=True), Setting("links", links=0.6)


def test_the_total_of_the_period_is_divided_by_its_merged_pull_requests_alone() -> None:
    known = team(
        [event(1, 100, 1), event(90, 11)],
        pull_request(1, (1, 5)),
        pull_request(2, (2, 6)),
        pull_request(3, (2, 6), merged=False),
    )
    assert peers.period_total(known, COHORT) == {1: 56, 2: 55}


def test_each_hour_is_split_over_what_was_between_first_commit_and_close() -> None:
    known = team(
        [event(2, 30), event(5, 41), event(9, 10)],
        pull_request(1, (2, 5)),
        pull_request(2, (4, 6)),
        pull_request(3, (7,), opened_hour=8, closed_hour=None, merged=False),
    )
    # 41 go as 21 and 20 to the two then open; by hour 9 only the third is left.
    assert peers.first_commit_to_merge(known, COHORT) == {1: 30 + 21, 2: 20, 3: 10}


def test_where_repositories_are_known_an_hour_is_split_within_each() -> None:
    known = team(
        [event(3, 30, repository=0), event(3, 50, repository=1), event(3, 7, repository=2)],
        pull_request(1, (2, 5)),
        pull_request(2, (2, 5), repository=1),
    )
    assert peers.first_commit_to_merge(known, REPOSITORY) == {1: 30, 2: 50, None: 7}
    assert peers.first_commit_to_merge(known, COHORT) == {1: 15 + 25 + 4, 2: 15 + 25 + 3}


FIRST = pull_request(1, (10, 20), branch=4)
SECOND = pull_request(2, (30, 40), branch=4)


@pytest.mark.parametrize(("starts", "receiver"), [(5, 1), (15, 1), (20, 1), (21, 2), (40, 2), (41, None)])
def test_a_session_goes_to_the_first_on_its_branch_that_is_not_closed_when_it_starts(
    starts: int, receiver: int | None
) -> None:
    session = [event(starts, 60, 2, session=1), event(starts + 3, 40, 2, session=1)]
    assert peers.first_on_branch(team(session, SECOND, FIRST), LINKED) == {receiver: 100}


@pytest.mark.parametrize(("hour", "receiver"), [(9, None), (10, 1), (20, 1), (25, None), (30, 2), (41, None)])
def test_a_turn_goes_to_what_is_open_on_its_branch_in_its_hour(hour: int, receiver: int | None) -> None:
    assert peers.open_on_branch(team([event(hour, 50, 1)], FIRST, SECOND), LINKED) == {receiver: 50}


def test_a_turn_is_split_evenly_when_two_are_open_on_its_branch() -> None:
    both = team([event(15, 51, 1)], FIRST, replace(SECOND, opened_hour=12))
    assert peers.open_on_branch(both, LINKED) == {1: 26, 2: 25}


@pytest.mark.parametrize("rule", [peers.first_on_branch, peers.open_on_branch])
def test_sessions_without_a_known_branch_and_exploration_are_not_attributed(rule: peers.Rule) -> None:
    known = team([event(15, 10, 1, link_rank=0.6), event(16, 20), event(17, 40, 1)], FIRST)
    assert rule(known, LINKED) == {None: 30, 1: 40}


def test_what_was_never_opened_takes_its_branch_last() -> None:
    never = pull_request(3, (5,), opened_hour=None, closed_hour=None, merged=False, branch=4)
    known = team([event(12, 10, 3)], never, FIRST)
    assert peers.first_on_branch(known, LINKED) == {1: 10}
    assert peers.open_on_branch(known, LINKED) == {1: 10}


def test_linked_tokens_are_given_before_the_rest_is_split_evenly() -> None:
    known = team(
        [event(3, 30, 1, link_rank=0.1), event(3, 50, 1, link_rank=0.9)],
        pull_request(1, (2, 5)),
        pull_request(2, (2, 5)),
    )
    assert peers.evenly_beside_links(known, LINKED) == {1: 30 + 25, 2: 25}


def test_a_turn_goes_to_what_its_session_referenced_last_and_others_to_their_folder_s_only_one() -> None:
    session = [event(12, 10, 1, session=1), event(31, 20, 2, session=1), event(33, 40, None, session=1)]
    alone = [event(14, 5, 1, link_rank=0.9), event(60, 7, 1, link_rank=0.9)]
    assert peers.last_referenced(team([*session, *alone], FIRST, SECOND), LINKED) == {1: 10 + 5, 2: 20 + 40, None: 7}


def test_a_folder_with_two_references_nearby_says_nothing_of_other_sessions() -> None:
    events = [event(12, 10, 1), event(12, 20, 3), event(13, 5, 1, link_rank=0.9)]
    assert peers.last_referenced(team(events, FIRST, pull_request(3, (11, 20))), LINKED) == {1: 10, 3: 20, None: 5}


def test_unlinked_sessions_are_shared_over_what_is_worked_on_in_their_repository() -> None:
    events = [event(12, 10, 1), event(12, 20, link_rank=0.9), event(12, 30, link_rank=0.9, repository=1)]
    assert peers.work_window(team(events, FIRST), LINKED) == {1: 30, None: 30}
