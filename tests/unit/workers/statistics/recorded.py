"""What pyfixest found for a small panel, see `tests/benchmarks/statistics/pyfixest_reference.py`."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Real
from workers.statistics.rollout import Rollout


class Recorded(NamedTuple):
    merged: Real
    use: Real
    rollout: Rollout
    coefficients: Real
    errors: Real
    adopted_logs: Real


def read_recorded() -> Recorded:
    values = json.loads(Path(__file__).with_name("pyfixest.json").read_text())
    merged = np.array(values["merged"], dtype=np.float64)
    rollout = Rollout(np.array(values["adopted"]), np.ones(merged.shape, bool))
    results = (np.array(values[name]) for name in ("coefficients", "errors", "adopted_logs"))
    return Recorded(merged, np.array(values["use"]), rollout, *results)
