"""Outcomes of teams without chance, so that effects are exact."""

import numpy as np

from workers.statistics.rollout import NEVER, Rollout

WEEKS = 30


def rollout(adopters: int, others: int, week: int = 16) -> Rollout:
    adopted = np.array([week + team % 3 for team in range(adopters)] + [NEVER] * others, dtype=np.int64)
    return Rollout(adopted, np.ones((adopters + others, WEEKS), bool))


def outcome(known: Rollout, lift: float, trend: float = 0.0) -> np.ndarray:
    """Return 10 to 15 a week and team, in waves that all share; adopters ship `lift` times as much after adoption."""
    teams = 10 + 5 * np.linspace(0, 1, len(known.adopted))
    weeks = 1 + 0.5 * np.sin(np.arange(WEEKS))
    grown = np.exp(trend * np.outer(known.adopters, np.arange(WEEKS)))
    return teams[:, None] * weeks * grown * np.where(known.since >= 0, lift, 1.0)
