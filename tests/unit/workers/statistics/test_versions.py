import numpy as np
import pytest

from workers.statistics.estimates import Estimate
from workers.statistics.versions import Change, Design, VersionRows, compare, is_equal


def beside(teams: int, periods: int = 6) -> VersionRows:
    """Every team uses both versions in every period, and the new one more and more."""
    team, period, new = (each.ravel() for each in np.indices((teams, periods, 2)))
    requests = np.where(new == 1, 10 + 10 * period, 80 - 10 * period).astype(float)
    return VersionRows(team, period, 0 * team, new == 1, requests)


def tokens(rows: VersionRows, factor: float) -> np.ndarray:
    """Return 1,000 tokens a request times team and period, less with the new version."""
    return rows.requests * 1000 * (1 + rows.team) * (1 + rows.period) * np.where(rows.is_new, factor, 1.0)


def test_side_by_side_a_saving_is_found_although_the_new_version_has_the_dearer_periods() -> None:
    rows = beside(teams=6)
    bare = [tokens(rows, 0.82)[new].sum() / rows.requests[new].sum() for new in (rows.is_new, ~rows.is_new)]

    found = compare(rows, tokens(rows, 0.82), Design.SIDE_BY_SIDE)

    assert bare[0] > bare[1]
    assert found is not None
    assert found.effect.change == pytest.approx(-0.18, abs=1e-6)
    assert found.teams == 6


def test_before_and_after_compares_within_teams() -> None:
    team, period = (each.ravel() for each in np.indices((6, 10)))
    rows = VersionRows(team, period, 0 * team, period >= 3 + team % 4, np.full(60, 50.0))
    spent = rows.requests * 1000 * (1 + rows.team) * np.where(rows.is_new, 0.82, 1.0)

    found = compare(rows, spent, Design.BEFORE_AFTER)

    assert found is not None
    assert found.effect.change == pytest.approx(-0.18, abs=1e-6)


def test_a_single_team_is_compared_by_its_periods() -> None:
    rows = beside(teams=1)

    found = compare(rows, tokens(rows, 0.82), Design.SIDE_BY_SIDE)

    assert found is not None
    assert found.teams == 1
    assert found.effect.freedom == 5


def test_versions_that_no_team_used_at_the_same_time_cannot_be_compared_side_by_side() -> None:
    team, period = (each.ravel() for each in np.indices((6, 10)))
    rows = VersionRows(team, period, 0 * team, period >= 5, np.full(60, 50.0))

    assert compare(rows, rows.requests, Design.SIDE_BY_SIDE) is None


def test_four_periods_of_one_team_are_too_few() -> None:
    rows = beside(teams=1, periods=4)

    assert compare(rows, tokens(rows, 0.82), Design.SIDE_BY_SIDE) is None


def test_an_outcome_is_equal_only_if_its_whole_interval_is_near_0() -> None:
    assert is_equal(Change(Estimate(0.01, 0.02, 30), 6))
    assert not is_equal(Change(Estimate(0.01, 0.08, 30), 6))
    assert not is_equal(None)


def test_only_the_same_kind_of_work_is_compared() -> None:
    team, period, kind, new = (each.ravel() for each in np.indices((6, 6, 2, 2)))
    # The new version does more of the dear kind.
    requests = np.where(new == kind, 90.0, 10.0)
    spent = requests * np.where(kind == 1, 9000, 1000) * np.where(new == 1, 0.82, 1.0)
    rows = VersionRows(team, period, kind, new == 1, requests)

    for design in Design:
        found = compare(rows, spent, design)
        assert found is not None
        assert found.effect.change == pytest.approx(-0.18, abs=1e-6)
