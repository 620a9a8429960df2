from tests.unit.workers.attribution.builders import DOCS, SHOP, SHOP_NAME, facts, pull_request, window
from workers.attribution.evidence import EvidenceIndex, Pool
from workers.attribution.ledger import EVIDENCE
from workers.attribution.matches import Matches, match_windows
from workers.attribution.model import Facts, Window
from workers.attribution.window_columns import Windows


def match(windows: list[Window], known: Facts) -> Matches:
    places = {each.artifact_id: place for place, each in enumerate(known.pull_requests, start=1)}
    return match_windows(Windows.of(windows), EvidenceIndex(known), places)


def test_links_point_to_their_pull_request_and_the_rest_into_pools() -> None:
    known = facts(pull_request("a", 5, head_branch=b"fix"))
    matches = match([window(3, artifact=b"a"), window(4, repository=SHOP_NAME), window(5)], known)
    assert matches.artifact.tolist() == [1, 0, 0]
    assert matches.pools == (Pool("cohort", None), Pool("repository", frozenset({SHOP})))
    assert matches.pool.tolist() == [-1, 1, 0]
    assert [EVIDENCE[place] for place in matches.evidence] == ["artifact", "repository", "cohort"]


def test_exploration_goes_to_overhead_and_into_no_pool() -> None:
    known = facts(pull_request("a", 5, head_branch=b"fix", base_branch=b"main"))
    matches = match([window(3, branch=b"main", repository=SHOP_NAME)], known)
    assert (matches.pools, matches.pool.tolist(), matches.artifact.tolist()) == ((), [-1], [0])
    assert [EVIDENCE[place] for place in matches.evidence] == ["overhead"]


def test_a_branch_that_is_used_again_means_another_pull_request_in_another_hour() -> None:
    known = facts(pull_request("a", 1, ended=4, head_branch=b"fix"), pull_request("b", 6, ended=9, head_branch=b"fix"))
    windows = [window(hour, name=name, branch=b"fix", repository=SHOP_NAME) for hour in (2, 8) for name in "xy"]
    assert match(windows, known).artifact.tolist() == [1, 1, 2, 2]


def test_pools_do_not_depend_on_which_window_came_first() -> None:
    known = facts(pull_request("a", 5), pull_request("b", 5, repository_id=DOCS))
    assert (
        match([window(3), window(4, repository=SHOP_NAME)], known).pools
        == match([window(4), window(3, repository=SHOP_NAME)], known).pools
    )


def test_nothing_matches_nothing() -> None:
    assert len(match([], facts()).pool) == 0
