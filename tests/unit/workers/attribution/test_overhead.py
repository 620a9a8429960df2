import numpy as np
import pytest

from workers.attribution.overhead import DEFAULT_SHARE, ENOUGH_HOURS, exploratory_share

MANY = 100 * ENOUGH_HOURS


def test_without_linked_sessions_the_default_is_assumed() -> None:
    assert exploratory_share(np.zeros(0), np.zeros(0)) == DEFAULT_SHARE


def test_linked_sessions_in_too_few_hours_do_not_change_the_share() -> None:
    hours = ENOUGH_HOURS - 1
    assert exploratory_share(np.zeros(hours), np.ones(hours)) == DEFAULT_SHARE


def test_hours_without_linked_tokens_are_no_evidence() -> None:
    hours = ENOUGH_HOURS - 1
    silent = np.zeros(MANY)
    assert exploratory_share(np.append(np.zeros(hours), silent), np.append(np.ones(hours), silent)) == DEFAULT_SHARE


def test_many_linked_sessions_determine_the_share_despite_the_prior() -> None:
    assert exploratory_share(np.full(MANY, 10.0), np.full(MANY, 100.0)) == pytest.approx(0.1, abs=0.001)


def test_few_linked_sessions_move_the_share_part_of_the_way() -> None:
    few = exploratory_share(np.zeros(ENOUGH_HOURS), np.full(ENOUGH_HOURS, 100.0))
    assert 0 < few < DEFAULT_SHARE


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
