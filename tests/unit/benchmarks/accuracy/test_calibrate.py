import numpy as np
import pytest

from service.simulation.simulator import MODEL
from tests.benchmarks.accuracy.calibrate import TeamErrors, simulated_in, team_errors
from tests.benchmarks.accuracy.settings import ALL_SETTINGS
from tests.benchmarks.accuracy.simulated import simulated_teams
from workers.attribution.dispersion import Dispersion
from workers.attribution.intervals import SIZES, Real
from workers.attribution.methods import CURRENT

COHORT, *_ = ALL_SETTINGS


def with_errors(errors: Real, crowding: float = 2.0, thin: float = 0.4) -> TeamErrors:
    return TeamErrors(dict.fromkeys(SIZES, errors), Dispersion(crowding, thin, 0.3))


def test_errors_of_all_teams_are_pooled_with_equal_weight_for_each_team() -> None:
    large, small, none = (with_errors(np.full(count, error)) for count, error in ((1000, 0.0), (7, 1.0), (0, 9.0)))
    lines = simulated_in([large, small, none]).lines
    assert [line.pull_requests for line in lines] == list(SIZES)
    assert [(line.low[0], line.high[0]) for line in lines] == [(0.0, 1.0)] * len(SIZES)


def test_quantiles_follow_crowding_and_a_typical_team_has_the_first_of_them() -> None:
    numbers = np.random.default_rng(4)
    teams = [with_errors(numbers.normal(size=400) * (1 + np.log(each)), each) for each in (1.5, 2.0, 3.0, 4.0)]
    found = simulated_in(teams)
    assert found.crowding == pytest.approx((1.5, (1.5 * 2 * 3 * 4) ** 0.25, 4.0))
    low, high = found.lines[0].low, found.lines[0].high
    assert low[1] == pytest.approx(-1.3, abs=0.2)
    assert high[1] == pytest.approx(1.3, abs=0.2)
    assert high[0] == pytest.approx(1.3 * (1 + np.log(found.crowding.typical)), rel=0.1)


def test_a_fifth_is_left_out_and_less_of_sums_over_many() -> None:
    lines = simulated_in([with_errors(np.arange(2001.0))] * 20).lines
    widths = {line.pull_requests: (line.high[0] - line.low[0]) / 2000 for line in lines}
    assert widths[1] == pytest.approx(0.8, abs=0.012)
    assert widths[25] == pytest.approx(0.86, abs=0.012)


def test_a_team_has_errors_in_every_setting_of_its_merged_pull_requests() -> None:
    (team,) = simulated_teams(seed=1, teams=1, weeks=3, life_cycles=MODEL)
    errors = team_errors(team, CURRENT)
    merged = len(team.truth().merged)
    assert merged > 10
    assert all(len(errors[setting].by_size[1]) == merged for setting in ALL_SETTINGS)
    of_cohort = errors[COHORT].by_size
    assert np.std(of_cohort[1]) > np.std(of_cohort[5]) > 0
    assert np.isfinite(of_cohort[1]).all()
    assert np.mean(of_cohort[1]) == pytest.approx(0, abs=1)
    crowding = {setting: errors[setting].dispersion.crowding for setting in ALL_SETTINGS}
    assert crowding[COHORT] == max(crowding.values()) > 1.2
