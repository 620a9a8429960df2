"""Success against tokens in simulated teams, whose truth is known."""

import numpy as np
import pytest

from workers.statistics.outcomes.outcome_returns import OutcomeWeeks, quality_returns, success_returns


def weeks(teams: int = 12, number: int = 40) -> OutcomeWeeks:
    """Success rises with tokens per outcome until 1,000, and then no more; teams and weeks have their own levels."""
    random = np.random.default_rng(6)
    team, week = (each.ravel() for each in np.indices((teams, number)))
    outcomes = random.integers(200, 400, teams * number).astype(np.float64)
    use = np.exp(random.normal(np.log(800), 0.8, teams * number))
    level = random.uniform(0.4, 0.6, teams)[team] * random.uniform(0.9, 1.0, number)[week]
    rate = level * np.exp(0.2 * np.minimum(np.log(use / 1000), 0))
    good = random.binomial(outcomes.astype(np.int64), rate).astype(np.float64)
    return OutcomeWeeks(team, team, week, use * outcomes, outcomes, good, outcomes, good, outcomes)


def test_the_tokens_from_which_more_do_not_help_are_found() -> None:
    found = success_returns(weeks())

    assert found is not None
    assert found.flat_from == pytest.approx(1000, rel=0.5)
    assert np.all(np.diff(found.relative) >= 0)
    truth = np.exp(0.2 * (np.minimum(np.log(found.use / 1000), 0) - min(np.log(found.use[0] / 1000), 0)))
    assert np.mean((found.low <= truth) & (truth <= found.high)) > 0.8


def test_quality_is_studied_as_success_is() -> None:
    known = weeks()
    success, quality = success_returns(known), quality_returns(known)

    assert success is not None
    assert quality is not None
    assert np.array_equal(success.relative, quality.relative)


def test_four_teams_or_unknown_success_have_no_curve() -> None:
    known = weeks()
    unknown = OutcomeWeeks(
        known.cell,
        known.team,
        known.week,
        known.tokens,
        known.outcomes,
        known.successes,
        0 * known.outcomes,
        known.quality,
        known.with_quality,
    )

    assert success_returns(weeks(teams=4)) is None
    assert success_returns(unknown) is None
