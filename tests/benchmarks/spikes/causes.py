"""A company in which one team, model or prompt version comes to cost more; whether it is named first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.spikes.simulated import WORLDS, Real, costs, mean_requests
from workers.statistics.leading_causes import Candidate, rank_causes
from workers.statistics.spend_watch import watch_limits, watched_series
from workers.statistics.spikes import find_spikes

TEAMS, MODELS, PROMPTS = 6, 4, 8
DAYS, STEP, AFTER = 98, 84, 7
DIMENSIONS = ("team", "model", "prompt")
# The part of a team's work that is done with its own prompts, and each prompt's own models.
LABELS = [
    {"team": f"team {team}", "model": f"model {model}", "prompt": f"prompt {prompt}"}
    for team in range(TEAMS)
    for model in range(MODELS)
    for prompt in range(PROMPTS)
]


@dataclass(frozen=True, slots=True)
class Named:
    """How often a doubled cause was found within a week, and named first when it was found."""

    dimension: str
    found: float
    named: float


def measure_named(dimension: str, seeds: Sequence[int], *, factor: float = 2.0) -> Named:
    """Double the requests of one value of a dimension, and watch that value's spend."""
    results = [_named(dimension, seed, factor) for seed in seeds]
    found = [each for each in results if each is not None]
    return Named(dimension, len(found) / len(results), float(np.mean(found)))


def _named(dimension: str, seed: int, factor: float) -> bool | None:
    """Return whether the cause was named first; None if its rise was not found within a week."""
    random = np.random.default_rng(seed)
    cells, weights = company(random)
    sums = {value: weights[[each[dimension] == value for each in LABELS]].sum() for value in values_of(dimension)}
    value = str(random.choice([each for each in sums if sums[each] > 0.05]))
    inside = np.array([each[dimension] == value for each in LABELS])
    mean = cells.copy()
    mean[inside, STEP:] *= factor
    spend = costs(random, WORLDS["usual"], mean)
    members = watched_series(spend[:, :STEP], LABELS)
    limit = watch_limits(members)[list(members).index(Candidate(dimension, value))]
    spikes = find_spikes(spend[inside].sum(axis=0)[None, : STEP + AFTER], np.array([limit]))[0]
    spike = next((each for each in spikes if each.found >= STEP), None)
    if spike is None:
        return None
    causes = rank_causes(spend, LABELS, spike)
    return bool(causes) and causes[0].candidate == Candidate(dimension, value)


def company(random: np.random.Generator, days: int = DAYS) -> tuple[Real, Real]:
    """Return the expected requests of each cell and day, and each cell's share."""
    teams = np.stack([mean_requests(random, WORLDS["usual"], days) for _ in range(TEAMS)])
    models = random.dirichlet(np.full(MODELS, 2.0), TEAMS)
    prompts = random.dirichlet(np.full(PROMPTS, 0.5), TEAMS)
    share = models[:, :, None] * prompts[:, None, :]
    cells: Real = (teams[:, None, None, :] * share[..., None]).reshape(-1, days)
    return cells, cells.sum(axis=1) / cells.sum()


def values_of(dimension: str) -> list[str]:
    return sorted({each[dimension] for each in LABELS})
