"""Simulated panels for the other methods: associations, diminishing returns, randomised rollouts and versions."""

from collections.abc import Callable

import numpy as np

from tests.benchmarks.statistics.replications import Accuracy, accuracy
from workers.statistics.arrays import Real
from workers.statistics.association import associate
from workers.statistics.estimates import Estimate
from workers.statistics.randomised import compare_randomised
from workers.statistics.returns import diminishing_returns
from workers.statistics.versions import Design, VersionRows, compare

TEAMS, WEEKS = 30, 40
# True associations: the exponent of use, where returns end, what a version saves, what a randomised rollout adds.
EXPONENT = 0.12
ENOUGH_USE = np.log(3.0)
SAVED = np.log(0.82)
ADDED = np.log(1.2)

Random = np.random.Generator
Draw = Callable[[Random], tuple[Estimate, float] | None]


def measure(draw: Draw, seed: int, replications: int) -> Accuracy:
    """Compare estimates with the truth over replications drawn with the seeds (seed, 0), (seed, 1), ..."""
    drawn = [draw(np.random.default_rng([seed, number])) for number in range(replications)]
    found = [each for each in drawn if each is not None]
    assert len(found) == replications
    return accuracy([estimate for estimate, _ in found], [truth for _, truth in found])


def _use(random: Random) -> Real:
    """Return tokens for each person in millions (teams, weeks): different by team, and moving slowly."""
    level, walk = random.normal(0, 0.6, (TEAMS, 1)), random.normal(0, 0.25, (TEAMS, WEEKS)).cumsum(axis=1) / 2
    return np.exp(level + walk + random.normal(0, 0.3, (TEAMS, WEEKS)))


def _panel(random: Random, log_gain: Callable[[Real], Real]) -> tuple[Real, Real, Real]:
    """Return merged pull requests, tokens and people (teams, weeks) of an organization with shared shocks."""
    people = np.repeat(random.integers(5, 15, (TEAMS, 1)), WEEKS, axis=1).astype(np.float64)
    use = _use(random)
    lagged = (use + np.concatenate([use[:, :1], use[:, :-1]], axis=1)) / 2
    shared, habit = random.normal(0, 0.2, WEEKS), random.normal(0, 0.4, (TEAMS, 1))
    sprint = 0.15 * (-1.0) ** (np.arange(WEEKS) + random.integers(0, 2, (TEAMS, 1)))
    mean = people * np.exp(shared + habit + sprint + log_gain(lagged)) * random.gamma(20, 1 / 20, (TEAMS, WEEKS))
    return random.poisson(mean).astype(np.float64), use * people * 1e6, people


def association(random: Random) -> tuple[Estimate, float] | None:
    """Estimate the association with doubled use in a panel with a constant exponent."""
    merged, tokens, people = _panel(random, lambda use: EXPONENT * np.log(use))
    found = associate(merged, tokens, people, np.ones(merged.shape, bool), np.zeros(TEAMS, np.int64))
    return (found, float(EXPONENT * np.log(2))) if found else None


def returns_coverage(seed: int, replications: int) -> float:
    """Return how much of the curve of diminishing returns lies within its interval, over all replications."""
    inside = []
    for number in range(replications):
        merged, tokens, people = _panel(np.random.default_rng([seed, number]), _saturating)
        found = diminishing_returns(merged, tokens, people, np.ones(merged.shape, bool), np.zeros(TEAMS, np.int64))
        assert found is not None
        truth = np.exp(_saturating(found.use / 1e6) - _saturating(found.use[:1] / 1e6))
        inside.append(np.mean((found.low <= truth) & (truth <= found.high)))
    return float(np.mean(inside))


def _saturating(use: Real) -> Real:
    """Return gains that rise ever more slowly, and hardly from a use of three million on."""
    return 0.5 * (1 - np.exp(-use / np.exp(ENOUGH_USE) * 2))


def randomised(random: Random) -> tuple[Estimate, float] | None:
    """Estimate a rollout given to half of the teams by chance."""
    given = random.permutation(np.arange(TEAMS) < TEAMS // 2)
    habit = np.exp(random.normal(0, 0.4, TEAMS))
    before, plain = random.poisson(40 * habit) / 40, random.poisson(40 * habit) / 40
    found = compare_randomised(before, plain * np.where(given, np.exp(ADDED), 1), given)
    return (found.effect, float(ADDED)) if found else None


def side_by_side(random: Random) -> tuple[Estimate, float] | None:
    """Estimate what a version saves where teams use both at a time, one more than the other."""
    team, period, new = (each.ravel() for each in np.indices((8, 10, 2)))
    leaning = random.uniform(0.2, 0.8, 8)[team]
    requests = random.poisson(200 * np.where(new, leaning, 1 - leaning)).astype(np.float64)
    level = np.exp(random.normal(9, 0.5, 8)[team] + random.normal(0, 0.2, 10)[period])
    return _version(random, VersionRows(team, period, 0 * team, new == 1, requests), level, Design.SIDE_BY_SIDE)


def before_after(random: Random) -> tuple[Estimate, float] | None:
    """Estimate what a version saves where teams change from one to the other."""
    team, period = (each.ravel() for each in np.indices((8, 16)))
    new = period >= random.integers(6, 11, 8)[team]
    requests = random.poisson(200, len(team)).astype(np.float64)
    level = np.exp(random.normal(9, 0.5, 8)[team])
    return _version(random, VersionRows(team, period, 0 * team, new, requests), level, Design.BEFORE_AFTER)


def _version(random: Random, rows: VersionRows, level: Real, design: Design) -> tuple[Estimate, float] | None:
    differs = np.exp(random.normal(0, 0.08, int(rows.team.max()) + 1))[rows.team]
    noise = random.gamma(25, 1 / 25, len(level))
    tokens = rows.requests * level * noise * np.where(rows.is_new, np.exp(SAVED) * differs, 1)
    found = compare(rows, tokens, design)
    return (found.effect, float(SAVED)) if found else None
