from math import log

import numpy as np
import pytest

from tests.unit.workers.statistics.panels import panel
from workers.statistics.association import associate


def test_what_goes_with_doubled_use_is_found_beside_size_season_and_sprint() -> None:
    found = associate(*panel(lambda use: 0.2 * np.log(use)))

    assert found is not None
    assert found.log_ratio == pytest.approx(0.2 * log(2), abs=1e-6)


def test_each_organization_has_weeks_of_its_own() -> None:
    known = panel(lambda use: 0.2 * np.log(use))
    other = np.arange(8) % 2
    shocks = np.where(other[:, None] == 1, np.exp(np.random.default_rng(1).normal(size=24)), 1.0)

    found = associate(known.outcome * shocks, known.tokens, known.people, known.observed, other)

    assert found is not None
    assert found.log_ratio == pytest.approx(0.2 * log(2), abs=1e-6)


def test_weeks_without_use_have_a_level_of_their_own() -> None:
    known = panel(lambda use: 0.2 * np.log(use))
    tokens, outcome = known.tokens.copy(), known.outcome.copy()
    tokens[2:5, 10:] = 0
    # The use of a week is averaged with the week before, so that week 10 has half of it.
    outcome[2:5, 10] *= np.exp(0.2 * np.log(tokens[2:5, 9] / (tokens[2:5, 9] + known.tokens[2:5, 10])))
    lagged = (known.tokens[2:5, 11:] + known.tokens[2:5, 10:-1]) / 2 / known.people[2:5, 11:] / 1e6
    outcome[2:5, 11:] /= np.exp(0.2 * np.log(lagged)) * 4

    found = associate(outcome, tokens, known.people, known.observed, known.organization)

    assert found is not None
    assert found.log_ratio == pytest.approx(0.2 * log(2), abs=1e-6)


def test_constant_use_shows_no_association() -> None:
    known = panel(lambda use: 0 * use)

    assert associate(known.outcome, known.people * 1e6, known.people, known.observed, known.organization) is None


def test_four_teams_are_too_few() -> None:
    known = panel(lambda use: 0.2 * np.log(use), teams=4)

    assert associate(*known) is None
