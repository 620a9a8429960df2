"""Decides which calibrations to fit and on which requests: models' own first, then those shared by models."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from vocabulary.gateway_parts import Part
from vocabulary.model_keys import model_key
from workers.gateway_bytes.calibrate import MODELS_FOR_ALL, Calibration, calibrate
from workers.gateway_bytes.drift import Watch
from workers.gateway_bytes.estimate import Key, Scope

# When the first calibration takes effect; earlier requests are not accepted.
FIRST: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
# A calibration on OWN_ROWS requests is refitted after a day, a smaller one proportionally sooner.
AGE = timedelta(days=1)
# The latest requests of a model that are used, for its own and for shared calibrations.
OWN_ROWS = 5_000
SHARED_ROWS = 1_000
# A model with fewer requests says nothing about differences between models.
SHARED_LEAST = 20


def own_key(provider: str, model: str) -> Scope:
    """Return the scope of a model's own calibration, shared by all dated versions of the model."""
    return Scope(provider, model_key(model))


class RequestReport(NamedTuple):
    """A request of one part with reported tokens."""

    at: datetime
    provider: str
    model: str
    part: Part
    size: int
    tokens: int

    @property
    def key(self) -> Key:
        """The model's own calibration that this request informs."""
        return Key(own_key(self.provider, self.model), self.part)


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """A stored calibration: when it takes effect, when it was fitted, and its drift detection."""

    begins: datetime
    fitted_at: datetime
    calibration: Calibration
    watch: Watch


class Fit(NamedTuple):
    """A fitted calibration, and when it takes effect."""

    key: Key
    begins: datetime
    calibration: Calibration


def is_due(kept: StoredCalibration | None, now: datetime) -> bool:
    """Return whether to fit a calibration if there are enough requests; `kept` is the latest of its kind."""
    if kept is None or kept.watch.drifted_since is not None:
        return True
    return now - kept.fitted_at >= AGE * min(1.0, kept.calibration.rows / OWN_ROWS)


def own_due(reported: Iterable[RequestReport], latest: Mapping[Key, StoredCalibration], now: datetime) -> set[Key]:
    """Return models and parts with new requests whose own calibrations are due."""
    return {key for key in {row.key for row in reported} if is_due(latest.get(key), now)}


def shared_due(reported: Iterable[RequestReport], latest: Mapping[Key, StoredCalibration], now: datetime) -> set[Key]:
    """Return due calibrations of providers, and of everything, that new requests inform."""
    keys = {Key(scope, row.part) for row in reported for scope in (Scope(row.provider), Scope())}
    return {key for key in keys if is_due(latest.get(key), now)}


def fit_own(
    reported: Iterable[RequestReport], due: Collection[Key], latest: Mapping[Key, StoredCalibration]
) -> list[Fit]:
    """Fit due calibrations of models on requests since the latest took effect or drifted."""
    fits = []
    for key, rows in by_key(reported).items():
        if key not in due:
            continue
        begins = begins_at(latest.get(key))
        current = [row for row in rows if row.at >= begins][-OWN_ROWS:]
        found = calibrate(_sizes(current), _tokens(current))
        if found is not None:
            fits.append(Fit(key, begins, found))
    return fits


def fit_shared(
    reported: Iterable[RequestReport], due: Collection[Key], latest: Mapping[Key, StoredCalibration]
) -> list[Fit]:
    """Fit due calibrations of providers and of everything on requests since each model's own took effect."""
    shared: dict[Key, list[list[RequestReport]]] = {}
    for key, rows in by_key(reported).items():
        begins = begins_at(latest.get(key))
        current = [row for row in rows if row.at >= begins][-SHARED_ROWS:]
        if len(current) >= SHARED_LEAST:
            for scope in dict.fromkeys((Scope(key.scope.provider), Scope())):
                shared.setdefault(Key(scope, key.part), []).append(current)
    fits = []
    for key, models in shared.items():
        if key not in due or len(models) < MODELS_FOR_ALL:
            continue
        # Ordered by model; the order between models does not matter.
        rows = [row for model in models for row in model]
        number = np.repeat(np.arange(len(models)), [len(model) for model in models])
        found = calibrate(_sizes(rows), _tokens(rows), number)
        if found is not None:
            fits.append(Fit(key, FIRST, found))
    return fits


def by_key(reported: Iterable[RequestReport]) -> dict[Key, list[RequestReport]]:
    """Return requests by model and part, in order of time."""
    found: dict[Key, list[RequestReport]] = {}
    for row in sorted(reported):
        found.setdefault(row.key, []).append(row)
    return found


def begins_at(kept: StoredCalibration | None) -> datetime:
    """Return from when requests count for a new calibration: since the latest took effect or drifted."""
    if kept is None:
        return FIRST
    return kept.watch.drifted_since or kept.begins


def _sizes(rows: Sequence[RequestReport]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([row.size for row in rows], dtype=np.float64)


def _tokens(rows: Sequence[RequestReport]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([row.tokens for row in rows], dtype=np.float64)
