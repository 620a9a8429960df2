"""Daily spend of simulated teams: heavy-tailed requests, weekdays, sprints, holidays, and a level that wanders."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Real: TypeAlias = NDArray[np.float64]

WEEKDAYS = np.array([1, 1.05, 1.05, 1.0, 0.9, 0.12, 0.1])
WEEK = 7
SPRINT_DAYS = 14


@dataclass(frozen=True, slots=True)
class World:
    """How uneven the days of teams are. Standard deviations are of logarithms, by day.

    In the usual world, the run-rate misses 28 days by 6 % in the median and by 15 % one time in ten.
    """

    people: tuple[int, int] = (6, 30)
    wander: float = 0.0042
    swing: float = 0.11
    holidays: float = 0.02
    tail: float = 1.0


WORLDS = {
    "usual": World(),
    "calm": World(people=(20, 80), wander=0.003, swing=0.08),
    "small teams": World(people=(3, 8)),
    "heavy tails": World(tail=1.5),
    "unsteady": World(wander=0.007, swing=0.16, holidays=0.04),
}


def team_spend(random: np.random.Generator, world: World, days: int, *, step: tuple[int, float] | None = None) -> Real:
    """Return the daily spend of one team; a step multiplies its requests from a day on."""
    mean = mean_requests(random, world, days)
    if step is not None:
        mean[step[0] :] *= step[1]
    return costs(random, world, mean)


def mean_requests(random: np.random.Generator, world: World, days: int) -> Real:
    """Return how many pieces of work are expected on each day."""
    people = random.integers(*world.people)
    weekdays = WEEKDAYS * random.uniform(0.8, 1.2, WEEK)
    weekdays[5:] *= random.uniform(0.3, 2)
    day = np.arange(days)
    level = np.cumsum(random.normal(0, world.wander, days)) + random.uniform(-0.0005, 0.0012) * day
    sprint = 1 + random.uniform(0, 0.1) * np.sin(2 * np.pi * day / SPRINT_DAYS + random.uniform(0, 6))
    worked = np.where(random.random(days) < world.holidays, 0.15, 1.0)
    swing = _swing(random, days, random.uniform(0.03, world.swing))
    mean: Real = people * random.uniform(1.5, 4) * weekdays[day % WEEK] * np.exp(level + swing) * sprint * worked
    return mean


def costs(random: np.random.Generator, world: World, mean: Real) -> Real:
    """Return the cost of a Poisson number of pieces of work on each day, each of lognormal cost."""
    numbers = random.poisson(mean)
    pieces = random.lognormal(0, world.tail, numbers.sum())
    day = np.repeat(np.arange(numbers.size), numbers.ravel())
    return np.bincount(day, pieces, minlength=numbers.size).astype(np.float64).reshape(mean.shape)


def _swing(random: np.random.Generator, days: int, deviation: float) -> Real:
    """Return days that resemble the day before."""
    swing = random.normal(0, deviation, days)
    for day in range(1, days):
        swing[day] += 0.3 * swing[day - 1]
    return swing
