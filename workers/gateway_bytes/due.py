"""Which calibrations are to be fitted, and on what: a model's own first, then those that serve models without one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from schema.gateway_parts import Part
from schema.model_keys import model_key
from workers.gateway_bytes.calibrate import ENOUGH, MODELS_FOR_ALL, Calibration, calibrate
from workers.gateway_bytes.drift import Watch
from workers.gateway_bytes.estimate import Key, Scope

# From when the first calibration of all holds; nothing is taken in of an earlier time.
FIRST: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
# A calibration is fitted anew once so many times as many requests tell their tokens, or after so long.
GROWTH = 2
AGE = timedelta(days=1)
# The latest requests of a model that are looked at, for its own and for what it shares with others.
OWN_ROWS = 5_000
SHARED_ROWS = 1_000
# A model with fewer says nothing of how models differ.
SHARED_LEAST = 20


class Told(NamedTuple):
    """A request of one part whose tokens are told."""

    at: datetime
    provider: str
    model: str
    part: Part
    size: int
    tokens: int

    @property
    def key(self) -> Key:
        """Whose own calibration it informs."""
        return Key(Scope(self.provider, model_key(self.model)), self.part)


@dataclass(frozen=True, slots=True)
class Kept:
    """A calibration as kept: from when on it holds, when it was fitted, and the watch for its drift."""

    begins: datetime
    fitted_at: datetime
    calibration: Calibration
    watch: Watch


class Fit(NamedTuple):
    """A calibration that was fitted, and from when on it holds."""

    key: Key
    begins: datetime
    calibration: Calibration


def is_due(rows: int, rows_since_drift: int, kept: Kept | None, now: datetime) -> bool:
    """Whether to fit a calibration on so many requests; `kept` is the latest one of its kind."""
    if kept is None:
        return rows >= ENOUGH
    if kept.watch.drifted_since is not None:
        return rows_since_drift >= ENOUGH
    grown = rows >= GROWTH * kept.calibration.rows and kept.calibration.rows < OWN_ROWS // GROWTH
    return rows >= ENOUGH and (grown or now - kept.fitted_at >= AGE)


def fit_own(told: Iterable[Told], latest: Mapping[Key, Kept], now: datetime) -> list[Fit]:
    """Calibrations of models that are due, on what they told since the latest began, or since it drifted."""
    fits = []
    for key, rows in by_key(told).items():
        kept = latest.get(key)
        begins = begins_at(kept)
        current = [row for row in rows if row.at >= begins]
        if not is_due(len(current), len(current), kept, now):
            continue
        current = current[-OWN_ROWS:]
        found = calibrate(_sizes(current), _tokens(current))
        if found is not None:
            fits.append(Fit(key, begins, found))
    return fits


def fit_shared(told: Iterable[Told], latest: Mapping[Key, Kept], now: datetime) -> list[Fit]:
    """Calibrations of providers and of all, on what models told since their own began."""
    shared: dict[Key, list[list[Told]]] = {}
    for key, rows in by_key(told).items():
        begins = begins_at(latest.get(key))
        current = [row for row in rows if row.at >= begins][-SHARED_ROWS:]
        if len(current) >= SHARED_LEAST:
            for scope in dict.fromkeys((Scope(key.scope.provider), Scope())):
                shared.setdefault(Key(scope, key.part), []).append(current)
    fits = []
    for key, models in shared.items():
        count = sum(map(len, models))
        if len(models) < MODELS_FOR_ALL or not is_due(count, 0, latest.get(key), now):
            continue
        # In the order of their models, whose times do not matter to one another.
        rows = [row for model in models for row in model]
        number = np.repeat(np.arange(len(models)), [len(model) for model in models])
        found = calibrate(_sizes(rows), _tokens(rows), number)
        if found is not None:
            fits.append(Fit(key, FIRST, found))
    return fits


def by_key(told: Iterable[Told]) -> dict[Key, list[Told]]:
    """Requests of each model and part, in the order of their time."""
    found: dict[Key, list[Told]] = {}
    for row in sorted(told):
        found.setdefault(row.key, []).append(row)
    return found


def begins_at(kept: Kept | None) -> datetime:
    """From when on requests tell of a calibration: since the latest one began, or since it holds no longer."""
    if kept is None:
        return FIRST
    return kept.watch.drifted_since or kept.begins


def _sizes(rows: Sequence[Told]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([row.size for row in rows], dtype=np.float64)


def _tokens(rows: Sequence[Told]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([row.tokens for row in rows], dtype=np.float64)
