"""Estimates tokens from hourly bytes by the nearest calibration, with an interval for their sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from vocabulary.gateway_parts import Part
from vocabulary.intervals import Bounds, bounds
from vocabulary.intervals import Calibration as Errors
from vocabulary.model_keys import model_key
from workers.gateway_bytes.calibrate import Calibration

HOUR = timedelta(hours=1)


class Scope(NamedTuple):
    """What a calibration applies to: one model, all models of a provider, or, with both empty, everything."""

    provider: str = ""
    model: str = ""


class Key(NamedTuple):
    """The scope and part of a calibration."""

    scope: Scope
    part: Part


@dataclass(frozen=True, slots=True)
class Epoch:
    """A calibration, and when it takes effect."""

    begins: datetime
    calibration: Calibration


# The epochs of each calibration, latest first.
Calibrations = Mapping[Key, Sequence[Epoch]]


class Bytes(NamedTuple):
    """Bytes of an hour's (UTC) requests of one size class that reported no tokens."""

    hour: datetime
    provider: str
    model: str
    part: Part
    requests: int
    size: int


class _Group(NamedTuple):
    calibration: Calibration
    rows: list[Bytes]


class Hour(NamedTuple):
    """The hour, provider and model of an estimate."""

    hour: datetime
    provider: str
    model: str


@dataclass(slots=True)
class Estimate:
    """Estimated tokens of one hour or day of a model.

    `unestimated_requests` lack a calibration for input, output or both; `counted_requests` have estimated input.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    requests: int = 0
    counted_requests: int = 0
    unestimated_requests: int = 0
    unestimated_bytes: int = 0
    low: int = 0
    high: int = 0
    counted_source: str = ""

    @property
    def tokens(self) -> int:
        """Input and output tokens."""
        return self.input_tokens + self.output_tokens


def scopes_for(provider: str, model: str) -> tuple[Scope, ...]:
    """Return scopes, nearest first; an unknown provider has none of its own. Dates of a model are ignored."""
    nearest = dict.fromkeys((Scope(provider, model_key(model)), Scope(provider), Scope()))
    return tuple(nearest)


def find_epoch(calibrations: Calibrations, provider: str, model: str, part: Part, at: datetime) -> Epoch | None:
    """Return the calibration for requests of the hour that begins at `at`, from the nearest scope that has one."""
    for scope in scopes_for(provider, model):
        for epoch in calibrations.get(Key(scope, part), ()):
            if epoch.begins < at + HOUR:
                return epoch
    return None


def estimate_hours(sums: Sequence[Bytes], calibrations: Calibrations) -> dict[Hour, Estimate]:
    """Return whole tokens by hour and model; a request is counted with its input."""
    by_part: dict[tuple[Hour, Part], list[Bytes]] = {}
    for each in sums:
        by_part.setdefault((Hour(each.hour, each.provider, each.model), each.part), []).append(each)
    estimates: dict[Hour, Estimate] = {}
    for (hour, part), rows in sorted(by_part.items()):
        estimate = estimates.setdefault(hour, Estimate())
        epoch = find_epoch(calibrations, hour.provider, hour.model, part, hour.hour)
        requests = sum(row.requests for row in rows)
        if part is Part.INPUT:
            estimate.requests += requests
            estimate.counted_requests += requests if epoch else 0
        if epoch is None:
            # Requests with output are also among those with input, which come first.
            estimate.unestimated_requests = min(estimate.unestimated_requests + requests, estimate.requests)
            estimate.unestimated_bytes += sum(row.size for row in rows)
            continue
        tokens = tokens_of(rows, epoch.calibration)
        if part is Part.INPUT:
            estimate.input_tokens += tokens
        else:
            estimate.output_tokens += tokens
    return estimates


def estimate_days(sums: Sequence[Bytes], calibrations: Calibrations) -> dict[tuple[str, str], Estimate]:
    """Return tokens of all these hours by provider and model, with the interval of their sum."""
    days: dict[tuple[str, str], Estimate] = {}
    for hour, estimate in estimate_hours(sums, calibrations).items():
        day = days.setdefault((hour.provider, hour.model), Estimate())
        day.input_tokens += estimate.input_tokens
        day.output_tokens += estimate.output_tokens
        day.requests += estimate.requests
        day.counted_requests += estimate.counted_requests
        day.unestimated_requests += estimate.unestimated_requests
        day.unestimated_bytes += estimate.unestimated_bytes
    for (provider, model), day in days.items():
        rows = [row for row in sums if (row.provider, row.model) == (provider, model)]
        day.low, day.high = interval_of(rows, calibrations)
    return days


def tokens_of(rows: Sequence[Bytes], calibration: Calibration) -> int:
    """Return the tokens of byte sums, one per size class."""
    size = np.array([row.size for row in rows], dtype=np.float64)
    requests = np.array([row.requests for row in rows], dtype=np.float64)
    return round(float(calibration.line.tokens(size, requests).sum()))


def interval_of(sums: Sequence[Bytes], calibrations: Calibrations) -> Bounds:
    """Return the interval for the tokens of one model's sums; intervals of parts and calibrations are added.

    The result is conservative, because errors of one part never offset those of another.
    """
    groups: dict[tuple[Part, int], _Group] = {}
    for row in sums:
        epoch = find_epoch(calibrations, row.provider, row.model, row.part, row.hour)
        if epoch is not None:
            key = (row.part, id(epoch.calibration))
            groups.setdefault(key, _Group(epoch.calibration, [])).rows.append(row)
    low = high = 0
    for calibration, rows in groups.values():
        requests = sum(row.requests for row in rows)
        by_hour: dict[datetime, list[Bytes]] = {}
        for row in rows:
            by_hour.setdefault(row.hour, []).append(row)
        # Rounded as they are counted.
        tokens = sum(tokens_of(each, calibration) for each in by_hour.values())
        each_side = bounds(0, tokens, requests, Errors(calibration.offset, calibration.quantiles))
        low, high = low + each_side.low, high + each_side.high
    return Bounds(low, high)
