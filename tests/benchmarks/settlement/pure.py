"""The pure part alone, in a process that does nothing else, so that its memory is the settlement's."""

import gc
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from tests.benchmarks.settlement.team_year import HOURS, PULL_REQUESTS, team_facts, team_windows
from workers.attribution.claims import lives_of
from workers.attribution.ledger import AttributionRows
from workers.attribution.methods import METHODS
from workers.attribution.settle import settle

EXPLORATORY_SHARE = 0.2
REPEATS = 3


@dataclass(frozen=True, slots=True)
class Pure:
    """Cost of settling a team-year; memory is that of the whole process, including its input.

    `seconds` are the fastest run's, `processor_seconds` its CPU time, independent of other load; `split_seconds` is the
    baseline. `lost` counts lost tokens and nano-USD.
    """

    method: str
    scale: int
    pull_requests: int
    pairs: int
    rows: int
    rollup_rows: int
    seconds: float
    processor_seconds: float
    split_seconds: float
    peak_megabytes: float
    inputs_megabytes: float
    lost: int


def measure(method: str, scale: int = 1) -> Pure:
    """Return the fastest of several runs over `scale` times as many pull requests in the same hours."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        return processes.submit(_measure, method, scale).result()


def _measure(name: str, scale: int) -> Pure:
    method, windows, facts = METHODS[name], team_windows(), team_facts(PULL_REQUESTS * scale)
    gc.collect()
    inputs = _peak_megabytes()
    runs = []
    for _ in range(REPEATS):
        began, used = time.perf_counter(), time.process_time()
        ledger = settle(windows, facts, EXPLORATORY_SHARE, method)
        runs.append((time.perf_counter() - began, time.process_time() - used))
    peak = _peak_megabytes()
    first = int(windows.hour.min())
    rows = ledger.rows
    return Pure(
        method=name,
        scale=scale,
        pull_requests=len(facts.pull_requests),
        pairs=len(method.kernel.activity_in(lives_of(facts.pull_requests), first, first + HOURS).hour),
        rows=len(rows),
        rollup_rows=len(ledger.rollup),
        seconds=min(wall for wall, _ in runs),
        processor_seconds=min(used for _, used in runs),
        split_seconds=plain_split_seconds(rows),
        peak_megabytes=peak,
        inputs_megabytes=inputs,
        lost=int(np.abs(windows.amounts.sum(axis=0) - rows.amounts.sum(axis=0)).sum()),
    )


def plain_split_seconds(rows: AttributionRows) -> float:
    """Return the baseline: CPU seconds to split the same amounts over as many rows by given weights."""
    window, amounts = rows.window, rows.windows.amounts
    weight = rows.amounts[:, 0] % 1000 + 1
    began = time.process_time()
    total = np.bincount(window, weight, len(amounts)).astype(np.int64)
    rank = np.arange(len(window)) - np.searchsorted(window, np.arange(len(amounts)))[window]
    for kind in amounts.T:
        part, remainder = np.divmod(kind[window] * weight, total[window])
        left = kind - np.bincount(window, part, len(amounts)).astype(np.int64)
        order = np.lexsort((-remainder, window))
        part[order[rank < left[window]]] += 1
    return time.process_time() - began


def _peak_megabytes() -> float:
    """Return the peak memory of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
