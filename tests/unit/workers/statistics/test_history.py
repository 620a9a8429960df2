import numpy as np

from workers.statistics.arrays import Real
from workers.statistics.history import History, adoption, study_history, switches
from workers.statistics.rollout import NEVER
from workers.statistics.study import Size
from workers.statistics.verdict import Answer, Outcome

WEEKS = 36


def history(tokens: Real, merged: Real | None = None, **models: Real) -> History:
    merged = np.full(tokens.shape, 6.0) if merged is None else merged
    outcomes = {Outcome.TOKENS: tokens, Outcome.MERGED: merged, Outcome.UNREVERTED: merged}
    return History(np.full(len(tokens), 8.0), outcomes, models)


def using_from(*weeks: int | None) -> Real:
    """Return tokens of teams that use 1,000 a week from a week on."""
    return np.array([[1000.0 * (week is not None and at >= week) for at in range(WEEKS)] for week in weeks])


def test_a_team_adopts_when_it_begins_to_use_a_part_of_its_usual_tokens() -> None:
    tokens = using_from(10, None)
    tokens[0, 4:8] = 100

    assert adoption(history(tokens)).adopted.tolist() == [10, NEVER]


def test_a_team_is_observed_from_its_first_to_its_last_sign_of_life() -> None:
    merged = np.zeros((1, WEEKS))
    merged[0, [5, 9]] = 3

    observed = history(using_from(None), merged).observed

    assert np.flatnonzero(observed[0]).tolist() == [5, 6, 7, 8, 9]


def test_a_switch_to_a_model_is_studied_among_teams_that_used_agents_before() -> None:
    tokens = using_from(2, 2, 2, 2, 2, 2, None)
    new = np.where(np.arange(WEEKS) >= 20, tokens, 0.0)
    new[5] = 0

    ((model, rollout),) = switches(history(tokens, new=new, rare=tokens * 0.1))

    assert model == "new"
    assert rollout.adopted.tolist() == [20] * 5 + [NEVER] * 2
    assert np.flatnonzero(rollout.observed[0]).tolist() == list(range(2, WEEKS))
    assert not rollout.observed[6].any()


def test_a_switch_of_four_teams_is_not_studied() -> None:
    tokens = using_from(2, 2, 2, 2)

    assert switches(history(tokens, new=np.where(np.arange(WEEKS) >= 20, tokens, 0.0))) == []


def test_everything_is_studied_at_once() -> None:
    tokens = using_from(*[14, 16, 18, 20, 22, 24, 26, 28], *[None] * 8)
    merged = np.random.default_rng(1).poisson(np.where(tokens > 0, 12.0, 6.0)).astype(float)

    found = study_history(history(tokens, merged), Size(5, 20))

    answers = {each.outcome: each.verdict.answer for each in found.adoption.outcomes}
    assert answers == {
        Outcome.TOKENS: Answer.CANNOT_TELL,
        Outcome.MERGED: Answer.MORE,
        Outcome.UNREVERTED: Answer.MORE,
    }
    assert set(found.associations) == {Outcome.MERGED, Outcome.UNREVERTED}
    assert found.returns is None  # use is constant


def test_returns_need_teams_of_known_size() -> None:
    random = np.random.default_rng(1)
    tokens = random.uniform(100, 9000, (6, WEEKS))
    known = history(tokens, random.poisson(8.0, tokens.shape).astype(float))

    assert study_history(known, Size(5, 20)).returns is not None
    unknown = History(np.full(6, np.nan), known.outcomes, known.models)
    assert study_history(unknown, Size(5, 20)).returns is None


def test_an_organization_without_teams_has_nothing_to_tell() -> None:
    found = study_history(history(np.zeros((0, WEEKS))), Size(5, 20))

    assert {each.verdict.words for each in found.adoption.outcomes} == {"cannot tell: 0 teams that adopted"}
    assert found.returns is None
    assert set(found.associations.values()) == {None}
