"""Which calibrations are to be fitted, and on what: a model's own first, then those that serve models without one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from schema.gateway_parts import Part
from schema.model_keys import model_key
from workers.gateway_bytes.calibrate import MODELS_FOR_ALL, Calibration, calibrate
from workers.gateway_bytes.drift import Watch
from workers.gateway_bytes.estimate import Key, Scope

# From when the first calibration of all holds; nothing is taken in of an earlier time.
FIRST: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
# A calibration of so many requests is fitted anew after a day, one of fewer sooner in proportion.
AGE = timedelta(days=1)
# The latest requests of a model that are looked at, for its own and for what it shares with others.
OWN_ROWS = 5_000
SHARED_ROWS = 1_000
# A model with fewer says nothing of how models differ.
SHARED_LEAST = 20


def own_key(provider: str, model: str) -> Scope:
    """The scope of a model's own calibration, which models of other dates share."""
    return Scope(provider, model_key(model))


class RequestReport(NamedTuple):
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
        return Key(own_key(self.provider, self.model), self.part)


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


def is_due(kept: Kept | None, now: datetime) -> bool:
    """Whether to fit a calibration, if enough requests tell; `kept` is the latest one of its kind."""
    if kept is None or kept.watch.drifted_since is not None:
        return True
    return now - kept.fitted_at >= AGE * min(1.0, kept.calibration.rows / OWN_ROWS)


def own_due(reported: Iterable[RequestReport], latest: Mapping[Key, Kept], now: datetime) -> set[Key]:
    """Models and parts that new requests tell of, whose own calibrations are due."""
    return {key for key in {row.key for row in reported} if is_due(latest.get(key), now)}


def shared_due(reported: Iterable[RequestReport], latest: Mapping[Key, Kept], now: datetime) -> set[Key]:
    """Calibrations of providers and of all that new requests tell of and that are due."""
    keys = {Key(scope, row.part) for row in reported for scope in (Scope(row.provider), Scope())}
    return {key for key in keys if is_due(latest.get(key), now)}


def fit_own(reported: Iterable[RequestReport], due: Collection[Key], latest: Mapping[Key, Kept]) -> list[Fit]:
    """Calibrations of models that are due, on what they told since the latest began, or since it drifted."""
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


def fit_shared(reported: Iterable[RequestReport], due: Collection[Key], latest: Mapping[Key, Kept]) -> list[Fit]:
    """Calibrations of providers and of all that are due, on what models told since their own began."""
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
        # In the order of their models, whose times do not matter to one another.
        rows = [row for model in models for row in model]
        number = np.repeat(np.arange(len(models)), [len(model) for model in models])
        found = calibrate(_sizes(rows), _tokens(rows), number)
        if found is not None:
            fits.append(Fit(key, FIRST, found))
    return fits


def by_key(reported: Iterable[RequestReport]) -> dict[Key, list[RequestReport]]:
    """Requests of each model and part, in the order of their time."""
    found: dict[Key, list[RequestReport]] = {}
    for row in sorted(reported):
        found.setdefault(row.key, []).append(row)
    return found


def begins_at(kept: Kept | None) -> datetime:
    """From when on requests tell of a calibration: since the latest one began, or since it holds no longer."""
    if kept is None:
        return FIRST
    return kept.watch.drifted_since or kept.begins


def _sizes(rows: Sequence[RequestReport]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([row.size for row in rows], dtype=np.float64)


def _tokens(rows: Sequence[RequestReport]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([row.tokens for row in rows], dtype=np.float64)
