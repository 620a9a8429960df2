"""Roll-outs by chance in simulated organizations, whose truth is known."""

import numpy as np
import pytest

from workers.statistics.arrays import Real
from workers.statistics.history import History
from workers.statistics.study import Size
from workers.statistics.trials import Trial, TrialEffects, TrialOutcome, study_trial
from workers.statistics.verdict import Answer, Outcome

TEAMS, WEEKS, BEGUN = 40, 52, 30
LEAST = Size(5, 20)


def world(seed: int, added: float, teams: int = TEAMS) -> tuple[Trial, History]:
    """Teams of lasting habits; chance gives half of them something that ships `added` as much more from BEGUN on."""
    random = np.random.default_rng(seed)
    given = random.permutation(np.arange(teams) < teams // 2)
    people = random.integers(5, 12, teams).astype(np.float64)
    season = np.exp(random.normal(0, 0.3, WEEKS))
    level = people * np.exp(random.normal(0, 0.4, teams)) * 0.8
    lift = np.where(given[:, None] & (np.arange(WEEKS) >= BEGUN), 1 + added, 1.0)
    merged = random.poisson(level[:, None] * season * lift).astype(np.float64)
    tokens: Real = random.uniform(1e6, 2e6, (teams, WEEKS))
    outcomes = {Outcome.TOKENS: tokens, Outcome.MERGED: merged}
    return Trial("reviewer", BEGUN, given, ~given), History(people, outcomes, {})


def merged_of(found: TrialEffects) -> TrialOutcome:
    return next(each for each in found.outcomes if each.outcome is Outcome.MERGED)


def test_intervals_contain_the_truth_and_what_teams_shipped_before_narrows_them() -> None:
    studied = [merged_of(study_trial(*world(seed, 0.2), LEAST)).found for seed in range(200)]
    effects = [each.effect for each in studied if each]

    assert len(effects) == 200
    assert np.mean([each.low <= 0.2 <= each.high for each in effects]) >= 0.92
    assert np.mean([each.log_ratio for each in effects]) == pytest.approx(np.log(1.2), abs=0.01)
    assert np.mean([each.explained for each in studied if each]) > 0.8


def test_at_most_one_in_twenty_says_that_teams_ship_more_where_nothing_changed() -> None:
    answers = [merged_of(study_trial(*world(seed, 0.0), LEAST)).verdict.answer for seed in range(200)]

    assert answers.count(Answer.MORE) <= 10
    assert answers.count(Answer.NO_DIFFERENCE) > 150


def test_who_is_compared_does_not_depend_on_what_was_shipped_afterwards() -> None:
    trial, history = world(1, 0.0)
    stopped = {name: values.copy() for name, values in history.outcomes.items()}
    for values in stopped.values():
        values[trial.given, BEGUN:] = 0
    found = study_trial(trial, History(history.people, stopped, {}), LEAST)

    assert (found.given, found.held_back, found.small, found.too_early) == (20, 20, 0, 0)
    assert merged_of(found).verdict.answer is Answer.LESS


def test_teams_that_are_small_unknown_or_new_are_left_out_and_counted() -> None:
    trial, history = world(2, 0.0, teams=24)
    history.people[:2], history.people[2] = 4, np.nan
    for values in history.outcomes.values():
        values[3, : BEGUN - 3] = 0
    history.outcomes[Outcome.MERGED][3, BEGUN - 3 : BEGUN] = 10
    found = study_trial(trial, history, LEAST)

    assert (found.small, found.too_early, found.given + found.held_back) == (3, 1, 20)


def test_four_teams_on_a_side_are_too_few() -> None:
    trial, history = world(3, 0.5, teams=8)

    assert merged_of(study_trial(trial, history, LEAST)).verdict.words == "cannot tell: 4 teams that were given it"


def test_a_roll_out_of_this_week_has_no_week_to_study_yet() -> None:
    trial, history = world(4, 0.5)
    later = Trial(trial.name, WEEKS + 2, trial.given, trial.held_back)
    found = study_trial(later, history, LEAST)

    assert (found.weeks, merged_of(found).verdict.words) == (0, "cannot tell: no week of it is studied yet")
