import numpy as np

from tests.unit.workers.statistics.worlds import WEEKS, outcome, rollout
from workers.statistics.rollout import Rollout
from workers.statistics.study import Size, study_rollout
from workers.statistics.verdict import Answer, Outcome

LEAST = Size(people=5, pull_requests=20)


def varied(known: Rollout, lift: float) -> np.ndarray:
    """Return outcomes with chance, so that intervals have a width."""
    return np.random.default_rng(1).poisson(outcome(known, lift)).astype(float)


def test_each_outcome_of_the_chain_gets_a_verdict_of_its_own() -> None:
    known = rollout(adopters=10, others=10)
    merged, unreverted = varied(known, 1.6), varied(known, 1.0)

    found = study_rollout(known, np.full(20, 8.0), {Outcome.MERGED: merged, Outcome.UNREVERTED: unreverted}, LEAST)

    answers = {each.outcome: each.verdict.answer for each in found.outcomes}
    assert answers == {Outcome.MERGED: Answer.MORE, Outcome.UNREVERTED: Answer.NO_DIFFERENCE}
    assert (found.adopters, found.comparisons) == (10, 10)


def test_three_adopters_are_too_few() -> None:
    known = rollout(adopters=3, others=10)

    found = study_rollout(known, np.full(13, 8.0), {Outcome.MERGED: varied(known, 1.6)}, LEAST)

    assert found.outcomes[0].verdict.words == "cannot tell: 3 teams that adopted"
    assert found.outcomes[0].effect is None


def test_small_teams_are_left_out_and_counted() -> None:
    known = rollout(adopters=8, others=10)
    merged = varied(known, 1.6)
    merged[1] = 0
    people = np.array([4.0, 8.0, *[np.nan] * 16])

    found = study_rollout(known, people, {Outcome.MERGED: merged}, LEAST)

    assert found.small == 2
    assert found.adopters == 6


def test_adopters_that_were_rising_before_get_no_verdict() -> None:
    known = rollout(adopters=12, others=12)
    rising = np.random.default_rng(1).poisson(outcome(known, 1.0, trend=0.03)).astype(float)

    found = study_rollout(known, np.full(24, 8.0), {Outcome.MERGED: rising}, LEAST)

    assert found.outcomes[0].verdict.answer is Answer.CANNOT_TELL
    assert found.outcomes[0].effect is not None


def test_weeks_after_adoption_stop_where_five_teams_are_left() -> None:
    known = rollout(adopters=6, others=8)

    found = study_rollout(known, np.full(14, 8.0), {Outcome.MERGED: varied(known, 1.6)}, LEAST)

    assert found.outcomes[0].effect is not None
    assert max(each.week for each in found.outcomes[0].effect.weeks) == WEEKS - 19
