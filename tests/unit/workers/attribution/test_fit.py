from collections.abc import Sequence

import numpy as np
import pytest

from workers.attribution.fit import Linked, Pooled, Prior, Weights, fit, unfitted
from workers.attribution.kernels.kernel import Activity

PRIOR = Prior()
NOTHING = Linked(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def work(*worked: tuple[int, int], weight: float = 0.8) -> Activity:
    """Pull requests and hours in which they were worked on."""
    pull_request, hour = np.array(sorted(worked), np.int64).reshape(-1, 2).T
    return Activity(pull_request, hour, np.full(len(hour), weight))


def pooled(activity: Activity, tokens: Sequence[float]) -> Pooled:
    """The tokens of hours from 0, in one pool that all pull requests may claim from."""
    return Pooled(np.array(tokens, np.float64), np.arange(len(activity.hour)), activity.hour)


def linked(*links: tuple[int, int, float]) -> Linked:
    """Pull requests, hours and tokens."""
    pull_request, hour, tokens = zip(*links, strict=True)
    return Linked(np.array(pull_request), np.array(hour), np.array(tokens, np.float64))


def given(activity: Activity, tokens: Sequence[float], weights: Weights, hours: slice = slice(None)) -> list[float]:
    """What each pull request is given of the hours' tokens."""
    cells = pooled(activity, tokens)
    total = np.bincount(cells.cell, weights.claims, len(tokens))
    part = weights.claims * ((1 - weights.overhead) * cells.tokens / np.where(total > 0, total, 1))[cells.cell]
    chosen = np.isin(cells.cell, np.arange(len(tokens))[hours])
    return [float(each) for each in np.bincount(activity.pull_request, part * chosen)]


def settled(activity: Activity, tokens: Sequence[float], links: Linked = NOTHING, share: float = 0.0) -> Weights:
    return fit(activity, pooled(activity, tokens), links, int(activity.pull_request.max()) + 1, share, PRIOR)


def test_hours_with_one_pull_request_give_the_rates_for_shared_hours() -> None:
    activity = work(*((0, hour) for hour in range(30)), *((1, hour) for hour in range(20, 50)))
    tokens = [900.0] * 20 + [1000.0] * 10 + [100.0] * 20
    much, little = given(activity, tokens, settled(activity, tokens), slice(20, 30))
    assert 0.7 < much / (much + little) < 0.9


def test_equal_work_is_split_evenly_without_other_evidence() -> None:
    activity = work((0, 0), (1, 0), (0, 1), (1, 1))
    one, other = given(activity, [500, 700], settled(activity, [500, 700]))
    assert one == pytest.approx(other)


def test_a_pull_request_with_more_linked_tokens_gets_more_of_the_pool() -> None:
    activity = work((0, 0), (1, 0), (0, 1), (1, 2))
    weights = settled(activity, [1000, 0, 0], linked((0, 1, 900), (1, 2, 100)))
    much, little = given(activity, [1000, 0, 0], weights)
    assert much > 2 * little


def test_a_pull_request_whose_tokens_of_an_hour_are_linked_leaves_the_pool_to_others() -> None:
    activity = work((0, 0), (1, 0), (0, 1), (1, 1))
    weights = settled(activity, [1000, 1000], linked((0, 0, 1000), (1, 1, 1000)))
    assert given(activity, [1000, 1000], weights, slice(0, 1))[0] < 100


def test_where_most_is_linked_and_nothing_of_a_pull_request_it_gets_little() -> None:
    activity = work(*((index, hour) for index in (0, 1) for hour in range(10)))
    weights = settled(activity, [100] * 10, linked(*((0, hour, 900) for hour in range(9))))
    reported, silent = given(activity, [100] * 10, weights, slice(9, 10))
    assert reported > 3 * silent


def test_a_burst_goes_to_the_pull_request_with_the_higher_rate_more_than_usual_tokens_do() -> None:
    activity = work(*((0, hour) for hour in range(20)), *((1, hour) for hour in range(15, 35)))
    usual = [600.0] * 15 + [800.0] * 5 + [200.0] * 15
    burst = [*usual[:19], 4000.0, *usual[20:]]
    at_burst = given(activity, burst, settled(activity, burst), slice(19, 20))
    before = given(activity, usual, settled(activity, usual), slice(19, 20))
    assert at_burst[0] / sum(at_burst) > before[0] / sum(before)


def test_one_burst_has_little_effect_on_other_hours() -> None:
    activity = work(*((0, hour) for hour in range(20)), *((1, hour) for hour in range(10, 30)))
    burst = [100_000.0] + [1000.0] * 29
    shared = given(activity, burst, settled(activity, burst), slice(10, 20))
    assert shared[0] / sum(shared) < 0.8


def test_the_exploratory_share_of_ordinary_tokens_is_overhead() -> None:
    activity = work(*((0, hour) for hour in range(10)))
    assert settled(activity, [100] * 10, share=0.2).overhead == pytest.approx([0.2] * 10)


def test_hours_in_which_nothing_was_active_are_overhead_and_count_towards_its_share() -> None:
    activity = work(*((0, hour) for hour in range(9)))
    assert settled(activity, [100] * 10, share=0.2).overhead == pytest.approx([1 / 9] * 9 + [1])
    assert settled(activity, [100] * 9 + [500], share=0.2).overhead == pytest.approx([0] * 9 + [1])


def test_a_burst_is_work_rather_than_exploration() -> None:
    activity = work(*((0, hour) for hour in range(100)))
    overhead = settled(activity, [100] * 99 + [10_000], share=0.2).overhead
    assert overhead[-1] < 0.2 * overhead[0]


def test_everything_is_overhead_where_the_whole_share_is_exploration() -> None:
    activity = work((0, 0), (0, 1))
    assert settled(activity, [100, 100], share=1.0).overhead.tolist() == [1, 1]


def test_a_claim_beside_a_far_stronger_one_is_negligible() -> None:
    activity = Activity(np.array([0, 1]), np.array([0, 0]), np.array([0.8, 0.002]))
    assert settled(activity, [1000]).claims[1] == 0


def test_the_order_of_pull_requests_makes_no_difference() -> None:
    random = np.random.default_rng(7)
    worked = [(index, hour) for index in range(12) for hour in range(60) if random.random() < 0.2]
    tokens = random.lognormal(8, 1.5, 60)
    links = [(index, hour, 500.0 * index + hour) for index, hour in worked[::3]]
    turned = work(*((11 - index, hour) for index, hour in worked))
    one = given(work(*worked), tokens.tolist(), settled(work(*worked), tokens.tolist(), linked(*links)))
    other_links = linked(*((11 - index, hour, amount) for index, hour, amount in reversed(links)))
    other = given(turned, tokens.tolist(), settled(turned, tokens.tolist(), other_links))
    assert one == pytest.approx(other[::-1], rel=1e-9)


def test_the_unit_of_tokens_makes_no_difference() -> None:
    random = np.random.default_rng(3)
    activity = work(*((index, hour) for index in range(8) for hour in range(40) if random.random() < 0.3))
    tokens = random.lognormal(8, 1.5, 40)
    small, large = settled(activity, tokens.tolist()), settled(activity, (1000 * tokens).tolist())
    assert large.claims == pytest.approx(small.claims)
    assert large.overhead == pytest.approx(small.overhead)


def test_without_any_tokens_weights_follow_activity_or_are_nothing() -> None:
    activity = work((0, 0), (1, 0))
    assert settled(activity, [0]).claims.tolist() == [0, 0]


def test_pull_requests_of_other_pools_change_nothing() -> None:
    activity = work((0, 0), (1, 0), (0, 1), (1, 2), *((2, hour) for hour in range(50)))
    theirs = activity.pull_request < 2
    claims = Pooled(np.array([900.0, 500.0, 100.0]), np.flatnonzero(theirs), activity.hour[theirs])
    alone = Activity(activity.pull_request[theirs], activity.hour[theirs], activity.weight[theirs])
    among = fit(activity, claims, NOTHING, 3, 0.2, PRIOR)
    assert among.claims == pytest.approx(settled(alone, [900, 500, 100], share=0.2).claims)


def test_a_strong_prior_leaves_the_split_to_activity() -> None:
    activity = work(*((0, hour) for hour in range(20)), *((1, hour) for hour in range(15, 35)))
    tokens = [900.0] * 20 + [100.0] * 15
    weights = fit(activity, pooled(activity, tokens), NOTHING, 2, 0.0, Prior(shape=1e9))
    one, other = given(activity, tokens, weights, slice(15, 20))
    assert one == pytest.approx(other)


def test_nothing_at_all_gives_no_weights() -> None:
    nobody = Activity(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    weights = fit(nobody, pooled(nobody, [100.0]), NOTHING, 0, 0.2, PRIOR)
    assert weights.claims.tolist() == []
    assert weights.overhead.tolist() == [1]


def test_unfitted_weights_are_activity_and_the_exploratory_share() -> None:
    activity = Activity(np.array([0, 1]), np.array([0, 0]), np.array([0.6, 0.3]))
    weights = unfitted(activity, pooled(activity, [100, 100]), 0.2)
    assert weights.claims.tolist() == [0.6, 0.3]
    assert weights.overhead.tolist() == [0.2, 1]
