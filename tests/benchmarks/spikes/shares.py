"""Shares of tokens that shift, and prompts that grow: false alarms, and how soon shifts are found."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.spikes.simulated import WORLDS, Real, mean_requests
from workers.statistics.drift import cache_share_falls, input_grows, linked_share_falls, reasoning_rises

YEAR, SEEN, QUIET = 364, 91, 14
FIRST = SEEN
# A shift of so many points of a share, or so much growth of a request in a week.
SHIFT, GROWTH = 0.25, 1.03
WEEK = 7
TOKENS, SPREAD = 1_000, 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, where its share usually stands, and the sign of the shift that it looks for."""

    find: Callable[[Real, Real], object]
    level: float
    sign: int


RULES = {
    "reasoning share": Rule(reasoning_rises, 0.4, 1),
    "cache share": Rule(cache_share_falls, 0.7, -1),
    "linked share": Rule(linked_share_falls, 0.6, -1),
    "input growth": Rule(input_grows, 0.0, 1),
}


@dataclass(frozen=True, slots=True)
class Shifts:
    """False alarms of a team in a year without a change, and of shifts the shares found within some days."""

    rule: str
    each_year: float
    within: dict[int, float]


def measure_shifts(name: str, seeds: Sequence[int]) -> Shifts:
    """Watch teams that do not change for a year, and teams whose share shifts, or whose prompt grows every week."""
    rule = RULES[name]
    false = [len(list(_alarms(rule, *_team(rule, seed, None)))) for seed in seeds]
    # Growth begins with the history.
    step, spans = (0, (SEEN,)) if name == "input growth" else (FIRST + 28, (7, 14))
    first = [next(_alarms(rule, *_team(rule, seed, step)), YEAR) - step for seed in seeds]
    return Shifts(
        name, float(np.mean(false)), {days: float(np.mean([0 <= each <= days for each in first])) for days in spans}
    )


def _team(rule: Rule, seed: int, step: int | None) -> tuple[Real, Real]:
    """Return the part and the whole of each day; the share of a day wanders, and resembles the day before."""
    random = np.random.default_rng(seed)
    days = FIRST + (YEAR if step is None else 28 + 14)
    requests = random.poisson(20 * mean_requests(random, WORLDS["usual"], days)).astype(np.float64)
    size = TOKENS * np.exp(random.normal(0, SPREAD, days) / np.sqrt(np.maximum(requests, 1)))
    swing = random.normal(0, 0.1, days)
    for day in range(1, days):
        swing[day] += 0.7 * swing[day - 1]
    if rule.find is input_grows:
        grown = np.ones(days) if step is None else GROWTH ** (np.arange(days) / WEEK)
        return requests * size * grown * np.exp(0.3 * swing), requests
    level = np.full(days, np.log(rule.level / (1 - rule.level)))
    share = 1 / (1 + np.exp(-level - swing))
    if step is not None:
        share[step:] = np.clip(share[step:] + rule.sign * SHIFT, 0, 1)
    whole = requests * size
    return share * whole, whole


def _alarms(rule: Rule, part: Real, whole: Real) -> Iterator[int]:
    """Yield the days on which an alarm begins; while it goes on, it is not counted again."""
    seen = -QUIET
    for day in range(FIRST, len(whole)):
        if rule.find(part[day + 1 - SEEN : day + 1], whole[day + 1 - SEEN : day + 1]) is not None:
            if day - seen >= QUIET:
                yield day
            seen = day
