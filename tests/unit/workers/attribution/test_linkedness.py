import numpy as np
import pytest

from workers.attribution.kernels.kernel import Activity
from workers.attribution.linkedness import Linkedness, linkedness

PULL_REQUESTS, DAYS = 60, 6


def team(linked: np.ndarray, share: float = 0.5) -> Linkedness:
    """Pull requests at work on the same days; `linked` (pull requests, days) says which of them are linked."""
    owner, day = (each.reshape(-1) for each in np.indices((PULL_REQUESTS, DAYS)))
    activity = Activity(owner, day * 24 + 9, np.full(len(owner), 0.8))
    at, on = np.nonzero(linked)
    return linkedness(activity, at, on * 24 + 9, PULL_REQUESTS, share)


def test_links_at_random_leave_every_pull_request_with_the_team_s_share() -> None:
    found = team(np.random.default_rng(1).random((PULL_REQUESTS, DAYS)) < 0.5)
    assert found.correlation == 0
    assert found.share.tolist() == [0.5] * PULL_REQUESTS


def test_pull_requests_that_are_always_or_never_linked_have_shares_of_their_own() -> None:
    linked = np.zeros((PULL_REQUESTS, DAYS), dtype=bool)
    linked[::2] = True
    found = team(linked)
    assert found.correlation > 0.9
    assert found.share[::2].min() > 0.9
    assert found.share[1::2].max() < 0.1


def test_shares_are_drawn_to_the_team_s_the_more_the_less_days_correlate() -> None:
    random = np.random.default_rng(2)
    chance = np.where(np.arange(PULL_REQUESTS) % 2, 0.15, 0.85)[:, None]
    found = team(random.random((PULL_REQUESTS, DAYS)) < chance)
    assert 0.1 < found.correlation < 0.8
    assert 0.55 < found.share[::2].mean() < 0.9
    assert 0.1 < found.share[1::2].mean() < 0.45


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_without_links_or_with_links_only_the_share_is_that(share: float) -> None:
    found = team(np.zeros((PULL_REQUESTS, DAYS), dtype=bool), share)
    assert (found.correlation, set(found.share)) == (0.0, {share})


def test_no_activity_is_no_evidence() -> None:
    none = np.zeros(0, np.int64)
    found = linkedness(Activity(none, none, np.zeros(0)), none, none, 3, 0.4)
    assert found.share.tolist() == [0.4] * 3
