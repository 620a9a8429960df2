"""How soon a drift of tokens per byte is detected, and how often there is a false alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from tests.benchmarks.gateway_bytes.traffic import MODELS, traffic
from workers.attribution.intervals import log_errors
from workers.gateway_bytes.calibrate import calibrate
from workers.gateway_bytes.drift import NewError, Watch, watched

SHIFTS: Final = (0.0, 0.05, 0.10, 0.25, 0.50)
KNOWN: Final = 1_000
WATCHED: Final = 5_000
DAYS: Final = 20
START: Final = datetime(2026, 11, 16, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """The share of watches in which a drift was detected within WATCHED requests, and after how many (median).

    `shift` is the relative increase of tokens for the same bytes; with 0 these are false alarms.
    """

    shift: float
    watches: int
    seen: int
    median_requests: int | None


def measure_drift(seeds: range) -> list[Seen]:
    """Watch the input of a busy model with 5 % outliers, after a calibration on KNOWN requests."""
    return [_seen(shift, [_requests_until(seed, shift) for seed in seeds]) for shift in SHIFTS]


def _seen(shift: float, until: Sequence[int | None]) -> Seen:
    found = [requests for requests in until if requests is not None]
    return Seen(shift, len(until), len(found), round(float(np.median(found))) if found else None)


def _requests_until(seed: int, shift: float) -> int | None:
    made = traffic(MODELS[0], np.random.default_rng([seed, 77]), DAYS)
    size, reported = made.request_bytes, made.reported_input
    found = calibrate(size[:KNOWN], reported[:KNOWN])
    assert found is not None, "there must be enough requests"
    tokens = reported[KNOWN : KNOWN + WATCHED] * (1 + shift)
    errors = log_errors(tokens, found.line.tokens(size[KNOWN : KNOWN + WATCHED]), found.offset)
    watch = Watch()
    for place, error in enumerate(errors):
        new = NewError(START + timedelta(seconds=place), float(error))
        watch = watched(watch, [new], found.middle, found.spread)
        if watch.drifted_since is not None:
            return place + 1
    return None
