"""Simulated pull requests that are reworked, of which a known part is due to what they were made with."""

from math import log

import numpy as np

from workers.statistics.arrays import Real
from workers.statistics.estimates import Estimate
from workers.statistics.iterations import COUNTED, MergedWork, rate, study_iterations
from workers.statistics.student import quantile
from workers.statistics.study import Size

TEAMS, PERIODS, MERGES = 12, 6, 30
# What the large context window adds, and how it differs between teams.
ADDED, DIFFERS = np.log(1.25), 0.08
# A tenfold size has three times the rounds; larger work, and teams that rework more, use the large window more.
BY_SIZE = 0.5
LARGE = "1m"

Random = np.random.Generator


def draw(random: Random, mean: float, *, is_rare: bool) -> MergedWork:
    """Draw the merged pull requests of an organization, with rework that happens once at most if `is_rare`."""
    team, period, _ = (each.ravel() for each in np.indices((TEAMS, PERIODS, MERGES)))
    lines = np.exp(random.normal(4, 1.2, len(team)))
    habit, busy = random.normal(0, 0.4, TEAMS)[team], random.normal(0, 0.15, (TEAMS, PERIODS))[team, period]
    size = np.log1p(lines) - 4
    is_large = random.random(len(team)) < 1 / (1 + np.exp(-(0.8 * size + 1.5 * habit)))
    added = ADDED + random.normal(0, DIFFERS, TEAMS)[team]
    expected = mean * np.exp(habit + busy + BY_SIZE * size + np.where(is_large, added, 0))
    counts = _once(random, expected) if is_rare else random.poisson(expected * random.gamma(4, 1 / 4, len(team)))
    # A tenth of the sizes are unknown to the forge.
    known = np.where(random.random(len(team)) < 0.1, np.nan, lines)
    windows = tuple(LARGE if large else "" for large in is_large)
    made_with = dict.fromkeys(("context_tier", "model_family", "prompt_version"), windows)
    counted = dict.fromkeys(COUNTED, counts.astype(np.float64))
    people = np.full(len(team), 8.0)
    return MergedWork(team, period, people, known, 100 * lines, made_with, counted)


def _once(random: Random, expected: Real) -> Real:
    drawn: Real = (random.random(len(expected)) < np.minimum(expected, 0.9)).astype(np.float64)
    return drawn


def adjusted(random: Random, mean: float = 2.0, *, is_rare: bool = False) -> tuple[Estimate, float] | None:
    """Estimate what the large window adds, for the same team, weeks and size."""
    study = study_iterations(draw(random, mean, is_rare=is_rare), Size(5, 20))
    (compared,) = [each for each in study.dimensions["context_tier"] if each.effects]
    change = compared.effects["review_rounds"]
    if change is None:
        return None
    found = change.effect
    sign = 1 if compared.group == LARGE else -1
    return Estimate(sign * found.log_ratio, found.standard_error, found.freedom), float(ADDED)


def rare(random: Random) -> tuple[Estimate, float] | None:
    """Estimate what the large window adds to reverts, of which there are few."""
    return adjusted(random, 0.03, is_rare=True)


def bare(random: Random) -> tuple[Estimate, float] | None:
    """Compare bare means instead, each with an interval by team: what adjusting is for."""
    work = draw(random, 2.0, is_rare=False)
    is_large = np.array([window == LARGE for window in work.made_with["context_tier"]])
    large, other = (rate(work.counted["review_rounds"][part], work.team[part]) for part in (is_large, ~is_large))
    if not (large.each and large.high and other.each and other.high):
        return None
    margins = (log(large.high / large.each), log(other.high / other.each))
    error = float(np.hypot(*margins)) / quantile(0.975, TEAMS - 1)
    return Estimate(log(large.each / other.each), error, TEAMS - 1), float(ADDED)
