"""Hiding links, so that estimates can be compared with what is known."""

from tests.unit.workers.attribution.builders import SHOP, SHOP_NAME, facts, pull_request, window
from workers.attribution.masking import mask
from workers.attribution.model import COHORT, OVERHEAD, REPOSITORY, Evidence, PullRequest
from workers.attribution.window_columns import Windows

MAIN = b"main"


def evidence_of(windows: Windows) -> list[Evidence]:
    return [windows.evidence_values[place] for place in windows.evidence.tolist()]


def team(count: int = 40) -> tuple[list[PullRequest], Windows]:
    """Pull requests with two linked windows each, on one day."""
    pull_requests = [pull_request(f"p{each}", 0, 24, base_branch=MAIN) for each in range(count)]
    windows = [
        window(hour, 100 + each, name=f"{each} {hour}", artifact=pulled.artifact_id, repository=SHOP_NAME)
        for each, pulled in enumerate(pull_requests)
        for hour in (9, 15)
    ]
    return pull_requests, Windows.of(windows)


def test_the_links_of_a_pull_request_on_a_day_are_hidden_together() -> None:
    pull_requests, windows = team()
    masked = mask(windows, facts(*pull_requests), 0.5, COHORT)
    assert 5 < len(masked.hidden) < 35
    for each, pulled in enumerate(pull_requests):
        assert masked.hidden.get(pulled.artifact_id, 0) in {0, 2 * (100 + each)}


def test_no_token_is_lost_or_added_by_hiding() -> None:
    pull_requests, windows = team()
    masked = mask(windows, facts(*pull_requests), 0.5, COHORT)
    assert masked.windows.window_ids == windows.window_ids
    assert (masked.windows.amounts == windows.amounts).all()
    hidden = [each == Evidence() for each in evidence_of(masked.windows)]
    assert masked.windows.amounts[hidden].sum() == sum(masked.hidden.values())


def test_a_hidden_window_keeps_its_repository_where_those_are_known() -> None:
    pull_requests, windows = team()
    masked = mask(windows, facts(*pull_requests), 1.0, REPOSITORY)
    assert set(evidence_of(masked.windows)) == {Evidence(repository=SHOP_NAME)}


def test_unlinked_windows_are_left_out() -> None:
    (pulled,), _ = team(1)
    linked = window(9, 5, artifact=pulled.artifact_id)
    windows = Windows.of([linked, window(9, 7, name="a"), window(9, 8, name="b", repository=SHOP_NAME)])
    masked = mask(windows, facts(pulled), 1.0, COHORT)
    assert masked.windows.window_ids == (linked.window_id,)
    assert masked.hidden == {pulled.artifact_id: 5}


def test_work_on_the_trunk_is_known_to_be_exploration_and_is_hidden_too() -> None:
    shop = pull_request("p", 0, 24, base_branch=MAIN, repository_id=SHOP)
    masked = mask(Windows.of([window(9, 7, branch=MAIN, repository=SHOP_NAME)]), facts(shop), 1.0, COHORT)
    assert masked.hidden == {OVERHEAD: 7}
    assert evidence_of(masked.windows) == [Evidence()]


def test_a_larger_share_hides_what_a_smaller_one_hid_and_more() -> None:
    pull_requests, windows = team()
    some, more = (mask(windows, facts(*pull_requests), share, COHORT).hidden for share in (0.3, 0.6))
    assert some.items() < more.items()


def test_nothing_to_hide_is_nothing_hidden() -> None:
    assert mask(Windows.of([]), facts(), 0.5, COHORT).hidden == {}
