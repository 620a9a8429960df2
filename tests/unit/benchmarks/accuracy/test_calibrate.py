import numpy as np
import pytest

from service.simulation.simulator import MODEL
from tests.benchmarks.accuracy.calibrate import default_quantiles, team_errors
from tests.benchmarks.accuracy.settings import ALL_SETTINGS
from tests.benchmarks.accuracy.simulated import simulated_teams
from workers.attribution.intervals import SIZES
from workers.attribution.methods import CURRENT

COHORT, *_ = ALL_SETTINGS


def test_errors_of_all_teams_are_taken_together_and_each_team_counts_alike() -> None:
    large, small, none = (
        {(setting, size): np.full(count, error) for setting in ALL_SETTINGS for size in SIZES}
        for count, error in ((1000, 0.0), (7, 1.0), (0, 9.0))
    )
    quantiles = default_quantiles([large, small, none], COHORT)
    assert [(each.low, each.high) for each in quantiles] == [(0.0, 1.0)] * len(SIZES)


def test_a_team_has_errors_in_every_setting_of_its_merged_pull_requests() -> None:
    (team,) = simulated_teams(seed=1, teams=1, weeks=3, life_cycles=MODEL)
    errors = team_errors(team, CURRENT)
    merged = len(team.truth().merged)
    assert merged > 10
    assert all(len(errors[setting, 1]) == merged for setting in ALL_SETTINGS)
    assert np.std(errors[COHORT, 1]) > np.std(errors[COHORT, 5]) > 0
    assert np.isfinite(errors[COHORT, 1]).all()
    assert np.mean(errors[COHORT, 1]) == pytest.approx(0, abs=1)
