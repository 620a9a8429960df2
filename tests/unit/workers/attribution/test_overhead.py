import numpy as np
import pytest

from workers.attribution.overhead import DEFAULT_SHARE, Assumption, exploratory_share

FEW, MANY = 50, 20_000


def test_without_linked_sessions_the_default_is_assumed() -> None:
    assert exploratory_share(np.zeros(0), np.zeros(0)) == DEFAULT_SHARE


def test_a_method_may_ask_for_enough_hours_before_linked_sessions_change_the_share() -> None:
    strict = Assumption(weighs_hours=100, enough_hours=FEW + 1)
    assert exploratory_share(np.zeros(FEW), np.ones(FEW), DEFAULT_SHARE, strict) == DEFAULT_SHARE
    assert exploratory_share(np.zeros(FEW + 1), np.ones(FEW + 1), DEFAULT_SHARE, strict) < DEFAULT_SHARE


def test_hours_without_linked_tokens_are_no_evidence() -> None:
    silent = np.zeros(MANY)
    with_silence = exploratory_share(np.append(np.zeros(FEW), silent), np.append(np.ones(FEW), silent))
    assert with_silence == pytest.approx(exploratory_share(np.zeros(FEW), np.ones(FEW)))


def test_many_linked_sessions_determine_the_share_despite_the_prior() -> None:
    assert exploratory_share(np.full(MANY, 10.0), np.full(MANY, 100.0)) == pytest.approx(0.1, abs=0.001)


def test_few_linked_sessions_move_the_share_part_of_the_way() -> None:
    few = exploratory_share(np.zeros(FEW), np.full(FEW, 100.0))
    more = exploratory_share(np.zeros(4 * FEW), np.full(4 * FEW, 100.0))
    assert 0 < more < few < DEFAULT_SHARE


def test_a_single_burst_changes_the_share_little() -> None:
    linked = np.full(1000, 100.0)
    explored = np.full(1000, 20.0)
    linked[7] = 100_000.0
    assert exploratory_share(explored, linked) == pytest.approx(0.2, abs=0.01)


def test_a_share_is_a_share_when_all_was_exploration() -> None:
    assert DEFAULT_SHARE < exploratory_share(np.full(MANY, 100.0), np.full(MANY, 100.0)) <= 1


def test_the_order_of_hours_makes_no_difference() -> None:
    random = np.random.default_rng(5)
    linked = random.lognormal(10, 2, 500)
    explored = linked * random.integers(0, 2, 500)
    turned = exploratory_share(explored[::-1], linked[::-1])
    assert exploratory_share(explored, linked) == pytest.approx(turned, rel=1e-12)
