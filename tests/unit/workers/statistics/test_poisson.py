import numpy as np
import pytest

from tests.unit.workers.statistics.recorded import Recorded, read_recorded
from workers.statistics.poisson import Rows, demean, regress


def panel(recorded: Recorded) -> Rows:
    teams, weeks = (places.ravel() for places in np.indices(recorded.merged.shape))
    regressors = np.column_stack([(recorded.rollout.since >= 0).ravel(), recorded.use.ravel()]).astype(float)
    return Rows(recorded.merged.ravel(), regressors, (teams, weeks), teams, np.ones(len(teams)))


def test_coefficients_and_clustered_errors_are_those_of_pyfixest() -> None:
    recorded = read_recorded()

    found = regress(panel(recorded), corrected=False)

    assert found.coefficients == pytest.approx(recorded.coefficients, abs=1e-7)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(recorded.errors, rel=1e-5)


def test_corrected_errors_are_close_to_those_of_leaving_out_each_team() -> None:
    rows = panel(read_recorded())
    teams = np.unique(rows.cluster)
    left_out = np.array([regress(rows.at(rows.cluster != team)).coefficients for team in teams])
    errors = np.sqrt((len(teams) - 1) / len(teams) * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))

    found = regress(rows)

    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(errors, rel=0.2)
    assert np.all(np.diag(found.covariance) > np.diag(regress(rows, corrected=False).covariance))


def test_a_team_that_never_ships_changes_nothing() -> None:
    rows = panel(read_recorded())
    weeks = np.arange(20)
    team = np.full(20, 12)
    more = Rows(
        np.concatenate([rows.outcome, np.zeros(20)]),
        np.vstack([rows.regressors, np.random.default_rng(1).normal(size=(20, 2))]),
        (np.concatenate([rows.effects[0], team]), np.concatenate([rows.effects[1], weeks])),
        np.concatenate([rows.cluster, team]),
        np.ones(len(rows.outcome) + 20),
    )

    assert regress(more).coefficients == pytest.approx(regress(rows).coefficients, abs=1e-9)


def test_exposure_multiplies_what_is_expected() -> None:
    rows = panel(read_recorded())
    doubled = Rows(rows.outcome, rows.regressors, rows.effects, rows.cluster, np.exp(rows.regressors[:, 0]))

    assert regress(doubled).coefficients[0] == pytest.approx(regress(rows).coefficients[0] - 1, abs=1e-6)


def test_demeaned_columns_have_no_mean_in_any_group_even_where_cells_are_missing() -> None:
    random = np.random.default_rng(5)
    first, second = random.integers(0, 6, 80), random.integers(0, 9, 80)
    weights = random.uniform(0.1, 3, 80)

    left = demean(random.normal(size=(80, 2)), weights, (first, second))

    for codes in (first, second):
        for column in left.T:
            assert np.bincount(codes, weights * column) == pytest.approx(0, abs=1e-8)


def test_a_regressor_that_all_teams_share_in_a_week_says_nothing() -> None:
    rows = panel(read_recorded())
    shared = np.column_stack([rows.regressors[:, 0], np.sin(rows.effects[1])])

    with pytest.raises(np.linalg.LinAlgError):
        regress(Rows(rows.outcome, shared, rows.effects, rows.cluster, rows.exposure))


def test_without_any_outcome_nothing_can_be_fitted() -> None:
    rows = panel(read_recorded())

    with pytest.raises(np.linalg.LinAlgError):
        regress(Rows(0 * rows.outcome, rows.regressors, rows.effects, rows.cluster, rows.exposure))
