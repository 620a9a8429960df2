import numpy as np
import pytest

from tests.unit.workers.statistics.worlds import outcome, rollout
from workers.statistics.placebo import SHIFTS, move_back, placebos
from workers.statistics.rollout import Rollout


def test_false_dates_do_not_see_the_effect() -> None:
    known = rollout(adopters=6, others=6, week=20)

    found = placebos(known, outcome(known, 3.0))

    assert [each.shift for each in found] == list(SHIFTS)
    assert [each.study.total.change for each in found] == pytest.approx([0, 0, 0], abs=1e-6)


def test_a_rise_before_adoption_is_seen_week_by_week() -> None:
    known = rollout(adopters=6, others=6, week=20)
    early = Rollout(np.where(known.adopters, known.adopted - 4, known.adopted), known.observed)

    four, _, _ = placebos(known, outcome(early, 1.5))

    assert four.study.total.change == pytest.approx(0.5, rel=1e-5)
    assert [each.effect.change for each in four.study.weeks] == pytest.approx([0.5] * 4, rel=1e-5)


def test_teams_without_enough_weeks_before_the_false_date_are_left_out() -> None:
    moved, kept = move_back(rollout(adopters=3, others=1, week=12), 4)

    assert kept.tolist() == [True, True, True, True]
    assert moved.adopted.tolist() == [8, 9, 10, -1]
    assert moved.observed.sum(axis=1).tolist() == [12, 13, 14, 30]
    assert move_back(rollout(adopters=3, others=1, week=10), 4)[1].tolist() == [False, False, True, True]
