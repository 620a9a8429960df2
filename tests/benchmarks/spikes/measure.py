"""False alarms on teams that did not change, and how soon steps are found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.spikes.simulated import WORLDS, Real, World, team_spend
from workers.statistics.spikes import FIRST_DAY, find_spikes

YEAR = 364
# The first day of a step, and how long it is watched.
STEP = 84
AFTER = 28
NEAR = 2


@dataclass(frozen=True, slots=True)
class Steps:
    """Of steps of one size: shares found within 7 and 14 days, and dated within two days."""

    world: str
    size: float
    within_week: float
    within_fortnight: float
    dated: float


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Alarms of a team in a year without a change."""

    world: str
    each_year: float


def measure_false_alarms(name: str, seeds: Sequence[int]) -> FalseAlarms:
    """Watch teams without a change for a year."""
    days = FIRST_DAY + YEAR
    spend = np.stack([team_spend(np.random.default_rng(seed), WORLDS[name], days) for seed in seeds])
    return FalseAlarms(name, sum(map(len, find_spikes(spend))) / len(seeds))


def measure_steps(name: str, seeds: Sequence[int], size: float) -> Steps:
    """Let each team change once."""
    spend = np.stack([_stepped(WORLDS[name], seed, size) for seed in seeds])
    first = [next((each for each in spikes if each.found >= STEP), None) for spikes in find_spikes(spend)]
    within = [np.mean([each is not None and each.found < STEP + days for each in first]) for days in (7, 14)]
    dated = [abs(each.began - STEP) <= NEAR for each in first if each is not None]
    return Steps(name, size, float(within[0]), float(within[1]), float(np.mean(dated)))


def _stepped(world: World, seed: int, size: float) -> Real:
    """Return the days around a step that begins on any weekday."""
    random = np.random.default_rng(seed)
    shift = int(random.integers(7))
    return team_spend(random, world, shift + STEP + AFTER, step=(shift + STEP, size))[shift:]
