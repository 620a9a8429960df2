import numpy as np
import pytest

from tests.unit.workers.statistics.worlds import outcome, rollout
from workers.statistics.event_study import LEAST_TEAMS, study
from workers.statistics.rollout import Rollout


def test_an_effect_without_chance_is_found_exactly_whatever_all_teams_share() -> None:
    known = rollout(adopters=6, others=6)

    found = study(known, outcome(known, 1.25), weeks=8)

    assert found.total is not None
    assert found.total.change == pytest.approx(0.25, rel=1e-5)
    assert found.total.standard_error == pytest.approx(0, abs=1e-6)
    assert found.actual / found.expected == pytest.approx(1.25, rel=1e-5)
    assert [each.effect.change for each in found.weeks] == pytest.approx([0.25] * 8, rel=1e-5)


def test_later_adopters_are_the_comparison_where_every_team_adopts() -> None:
    known = rollout(adopters=12, others=0)
    waves = Rollout(np.repeat([10, 20], 6), known.observed)

    found = study(waves, outcome(waves, 1.25), weeks=30)

    assert found.total is not None
    assert found.total.change == pytest.approx(0.25, rel=1e-5)
    # From week 20 on, no team shows what would have been.
    assert [each.week for each in found.weeks] == list(range(10))


def test_weeks_that_were_not_observed_count_on_neither_side() -> None:
    known = rollout(adopters=6, others=6)
    partly = Rollout(known.adopted, known.observed.copy())
    partly.observed[:3, 20:] = False
    values = outcome(known, 1.25)
    values[:3, 20:] = 0

    found = study(partly, values, weeks=12)

    assert found.total is not None
    assert found.total.change == pytest.approx(0.25, rel=1e-5)


def test_a_week_after_adoption_with_few_teams_is_not_shown() -> None:
    known = rollout(adopters=LEAST_TEAMS - 1, others=6)

    assert study(known, outcome(known, 1.25), weeks=8).weeks == ()


def test_what_started_with_adoption_has_no_ratio() -> None:
    known = rollout(adopters=6, others=6)

    assert study(known, np.where(known.since >= 0, 10.0, 0.0), weeks=8).total is None
