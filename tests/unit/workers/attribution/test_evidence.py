from dataclasses import replace

from tests.unit.workers.attribution.builders import (
    DOCS,
    DOCS_NAME,
    FORK,
    FORK_NAME,
    SHOP,
    SHOP_NAME,
    facts,
    pull_request,
    window,
)
from workers.attribution.evidence import EvidenceIndex, Explored, Link, Pool
from workers.attribution.model import Facts, Window

TEAM = Pool("cohort", None)
IN_SHOP = Pool("repository", frozenset({SHOP}))


def match(known: Facts, seen: Window) -> Link | Explored | Pool:
    return EvidenceIndex(known).match(seen)


def test_a_hash_that_the_client_sends_is_the_strongest_evidence() -> None:
    known = facts(pull_request("a", 0), pull_request("b", 0, head_branch=b"fix"), c={b"b"})
    seen = window(1, artifact=b"a", commit=b"c", branch=b"fix", repository=SHOP_NAME)
    assert match(known, seen) == Link("artifact", b"a")


def test_an_unknown_hash_falls_back_to_the_commit() -> None:
    known = facts(pull_request("a", 0), c={b"a"})
    assert match(known, window(1, artifact=b"unknown", commit=b"c")) == Link("commit", b"a")


def test_a_number_counts_within_its_repository() -> None:
    known = facts(
        pull_request("a", 0, number=b"7"),
        pull_request("b", 0, number=b"7", repository_id=DOCS, head_repository_id=DOCS),
    )
    assert match(known, window(1, number=b"7", repository=DOCS_NAME)) == Link("artifact", b"b")


def test_a_number_in_a_clone_of_a_fork_counts_where_the_pull_request_was_opened() -> None:
    known = facts(pull_request("a", 0, number=b"7", head_repository_id=FORK))
    assert match(known, window(1, number=b"7", repository=FORK_NAME)) == Link("artifact", b"a")


def test_a_number_without_a_repository_counts_where_only_one_pull_request_has_it() -> None:
    one, two = pull_request("a", 0, number=b"7"), pull_request("b", 0, number=b"7", repository_id=DOCS)
    assert match(facts(one), window(1, number=b"7")) == Link("artifact", b"a")
    assert match(facts(one, two), window(1, number=b"7")) == TEAM


def test_a_commit_goes_to_the_pull_request_that_holds_it() -> None:
    known = facts(pull_request("a", 0), pull_request("b", 0, head_branch=b"fix"), c={b"a"})
    assert match(known, window(1, commit=b"c", branch=b"fix", repository=SHOP_NAME)) == Link("commit", b"a")


def test_a_commit_of_stacked_pull_requests_goes_to_the_one_that_introduced_it() -> None:
    known = facts(pull_request("top", 2), pull_request("bottom", 5), c={b"top": 4, b"bottom": 3})
    assert match(known, window(1, commit=b"c")) == Link("commit", b"bottom")


def test_a_commit_of_stacked_pull_requests_pushed_together_goes_to_the_lower_one() -> None:
    top = pull_request("top", 2, head_branch=b"b", base_branch=b"a")
    bottom = pull_request("bottom", 5, head_branch=b"a", base_branch=b"main")
    assert match(facts(top, bottom, c={b"top": 4, b"bottom": 4.01}), window(1, commit=b"c")) == Link(
        "commit", b"bottom"
    )


def test_a_commit_merged_down_a_stack_stays_with_the_pull_request_that_introduced_it() -> None:
    top = pull_request("top", 2, ended=6, head_branch=b"b", base_branch=b"a")
    bottom = pull_request("bottom", 1, head_branch=b"a", base_branch=b"main")
    assert match(facts(top, bottom, c={b"top": 4, b"bottom": 6}), window(3, commit=b"c")) == Link("commit", b"top")


def test_a_commit_that_a_branch_took_over_from_main_stays_with_its_own_pull_request() -> None:
    own, taking = pull_request("own", 5, ended=9), pull_request("taking", 0, ended=20)
    assert match(facts(own, taking, c={b"own": 4, b"taking": 10}), window(3, commit=b"c")) == Link("commit", b"own")


def test_a_commit_that_several_hold_goes_to_the_only_one_still_alive() -> None:
    known = facts(pull_request("old", 0, ended=5), pull_request("new", 8), c={b"old", b"new"})
    assert match(known, window(9, commit=b"c")) == Link("commit", b"new")


def test_a_commit_of_pull_requests_that_all_ended_goes_to_the_earliest() -> None:
    known = facts(pull_request("old", 0, ended=5), pull_request("new", 6, ended=8), c={b"old", b"new"})
    assert match(known, window(20, commit=b"c")) == Link("commit", b"old")


def test_a_commit_that_no_pull_request_holds_falls_back_to_the_branch() -> None:
    known = facts(pull_request("a", 0, head_branch=b"fix"))
    assert match(known, window(1, commit=b"unknown", branch=b"fix", repository=SHOP_NAME)) == Link("branch", b"a")


def test_a_reused_branch_name_means_the_pull_request_that_lived_then() -> None:
    known = facts(
        pull_request("first", 0, ended=10.5, head_branch=b"fix"), pull_request("second", 30, head_branch=b"fix")
    )
    assert match(known, window(10, branch=b"fix", repository=SHOP_NAME)) == Link("branch", b"first")
    assert match(known, window(11, branch=b"fix", repository=SHOP_NAME)) == Link("branch", b"second")
    assert match(known, window(40, branch=b"fix", repository=SHOP_NAME)) == Link("branch", b"second")


def test_work_on_a_branch_before_the_opening_counts_for_the_pull_request_opened_next() -> None:
    known = facts(pull_request("a", 100, head_branch=b"fix"), pull_request("b", 200, head_branch=b"fix"))
    assert match(known, window(1, branch=b"fix", repository=SHOP_NAME)) == Link("branch", b"a")


def test_work_on_a_branch_does_not_wait_for_an_opening_more_than_a_month_away() -> None:
    known = facts(pull_request("a", 32 * 24, head_branch=b"fix"))
    assert match(known, window(1, branch=b"fix", repository=SHOP_NAME)) == IN_SHOP


def test_work_on_a_branch_whose_pull_requests_all_ended_falls_back_to_the_repository() -> None:
    known = facts(pull_request("a", 0, ended=10, head_branch=b"fix"))
    assert match(known, window(12, branch=b"fix", repository=SHOP_NAME)) == IN_SHOP


def test_a_branch_counts_within_its_repository() -> None:
    known = facts(
        pull_request("a", 0, head_branch=b"fix"),
        pull_request("b", 0, head_branch=b"fix", repository_id=DOCS, head_repository_id=DOCS),
    )
    assert match(known, window(1, branch=b"fix", repository=DOCS_NAME)) == Link("branch", b"b")


def test_a_branch_without_a_repository_is_ignored_if_two_repositories_have_it() -> None:
    one = pull_request("a", 0, head_branch=b"fix")
    two = pull_request("b", 0, head_branch=b"fix", repository_id=DOCS, head_repository_id=DOCS)
    assert match(facts(one), window(1, branch=b"fix")) == Link("branch", b"a")
    assert match(facts(one, two), window(1, branch=b"fix")) == TEAM


def test_the_branch_of_a_fork_means_its_pull_request_in_a_clone_of_the_fork_and_of_the_original() -> None:
    known = facts(pull_request("a", 0, head_branch=b"fix", head_repository_id=FORK, base_branch=b"main"))
    assert match(known, window(1, branch=b"fix", repository=FORK_NAME)) == Link("branch", b"a")
    assert match(known, window(1, branch=b"fix", repository=SHOP_NAME)) == Link("branch", b"a")


def test_work_on_the_main_branch_is_not_that_of_a_pull_request_from_the_main_branch_of_a_fork() -> None:
    known = facts(pull_request("a", 0, head_branch=b"main", head_repository_id=FORK, base_branch=b"main"))
    assert match(known, window(1, branch=b"main", repository=SHOP_NAME)) == Explored()
    assert match(known, window(1, branch=b"main", repository=FORK_NAME)) == Link("branch", b"a")


def test_a_pull_request_of_a_deleted_fork_is_found_by_its_branch() -> None:
    known = facts(pull_request("a", 0, head_branch=b"fix", head_repository_id=None))
    assert match(known, window(1, branch=b"fix", repository=SHOP_NAME)) == Link("branch", b"a")


def test_a_repository_alone_means_its_pull_requests() -> None:
    here, there = pull_request("a", 0), pull_request("b", 0, repository_id=DOCS, head_repository_id=DOCS)
    index = EvidenceIndex(facts(here, there))
    pool = index.match(window(1, repository=SHOP_NAME))
    assert pool == IN_SHOP
    assert index.members(IN_SHOP) == [here]


def test_a_repository_of_another_team_means_its_pull_requests_still() -> None:
    foreign = pull_request("a", 0, in_team=False)
    assert EvidenceIndex(facts(foreign)).members(IN_SHOP) == [foreign]


def test_an_unknown_repository_falls_back_to_the_team() -> None:
    assert match(facts(pull_request("a", 0)), window(1, repository=b"never heard of")) == TEAM


def test_a_branch_in_an_unknown_repository_is_not_searched_in_others() -> None:
    known = facts(pull_request("a", 0, head_branch=b"fix"))
    assert match(known, window(1, branch=b"fix", repository=b"never heard of")) == TEAM


def test_no_evidence_means_the_pull_requests_of_the_team() -> None:
    own, foreign = pull_request("a", 0), pull_request("b", 0, in_team=False)
    index = EvidenceIndex(facts(own, foreign))
    assert index.match(window(1)) == TEAM
    assert index.members(TEAM) == [own]


def test_work_that_stays_on_the_base_branch_is_exploration() -> None:
    known = facts(pull_request("a", 0, head_branch=b"fix", base_branch=b"main"), c={b"a"})
    assert match(known, window(1, branch=b"main", repository=SHOP_NAME)) == Explored()
    assert match(known, window(1, branch=b"main", repository=SHOP_NAME, commit=b"c")) == Link("commit", b"a")
    assert match(known, window(1, branch=b"main", repository=DOCS_NAME)) == Pool("repository", frozenset({DOCS}))
    assert match(known, window(1, branch=b"main")) == TEAM


def test_a_branch_with_a_pull_request_stacked_on_it_is_not_a_base_branch() -> None:
    bottom = pull_request("bottom", 0, ended=5, head_branch=b"a", base_branch=b"main")
    top = pull_request("top", 1, head_branch=b"b", base_branch=b"a")
    assert match(facts(bottom, top), window(1, branch=b"a", repository=SHOP_NAME)) == Link("branch", b"bottom")
    assert match(facts(bottom, top), window(9, branch=b"a", repository=SHOP_NAME)) == IN_SHOP


def test_a_deployment_of_the_base_branch_does_not_take_what_is_worked_on_there() -> None:
    deployment = pull_request("deploy", 0, head_branch=b"main", base_branch=b"production")
    known = replace(facts(deployment), trunks={SHOP: frozenset({b"main", b"production"})})
    assert match(known, window(1, branch=b"main", repository=SHOP_NAME)) == Explored()
