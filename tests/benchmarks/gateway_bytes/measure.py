"""Calibrate on a week of requests with reported tokens, and estimate the next week's requests without them."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.gateway_bytes.traffic import DAYS, MODELS, Model, Real, Traffic, traffic
from vocabulary.gateway_parts import size_class
from vocabulary.intervals import Calibration as Errors
from vocabulary.intervals import bounds
from workers.attribution.intervals import log_errors
from workers.gateway_bytes.calibrate import MODELS_FOR_ALL, Calibration, calibrate
from workers.gateway_bytes.due import SHARED_ROWS
from workers.gateway_bytes.line import Line

Whole: TypeAlias = NDArray[np.int64]
Chosen: TypeAlias = NDArray[np.bool_]

REPORTED = 0.3
FIRST_WEEK = DAYS // 2
# The usual rule of thumb.
BYTES_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests of one part: bytes, reported and true tokens, and day; each (n,)."""

    size: Real
    reported: Real
    true: Real
    day: Whole


@dataclass(frozen=True, slots=True)
class Split:
    """Requests of one model and part: to calibrate on, and to estimate."""

    model: str
    part: str
    known: Requests
    unknown: Requests
    # Requests of the same part from other models, and a number for each of these models.
    others: Requests
    other_model: Whole


@dataclass(frozen=True, slots=True)
class Scores:
    """Relative errors of the sums of each model and day, and the coverage of intervals."""

    method: str
    part: str
    sums: int
    median: float
    ninetieth: float
    bias: float
    requests_held: float | None
    sums_held: float | None
    width: float | None


# The line to estimate with, and its errors if known.
Found: TypeAlias = tuple[Line, Errors | None]
Method: TypeAlias = Callable[[Split], Found | None]


def shipledger(split: Split) -> Found | None:
    """Return a model's own calibration, as workers create it."""
    return _found(calibrate(split.known.size, split.known.reported))


def unseen(split: Split) -> Found | None:
    """Return what workers use for a model without reported tokens: the calibration of its provider or of all models."""
    return _found(calibrate(split.others.size, split.others.reported, split.other_model))


def _found(calibration: Calibration | None) -> Found | None:
    if calibration is None:
        return None
    return calibration.line, Errors(calibration.offset, calibration.quantiles)


def four_bytes(_: Split) -> Found:
    """Return bytes divided by four."""
    return Line(1 / BYTES_A_TOKEN, 0.0), None


def least_squares(split: Split) -> Found:
    """Fit ordinary least squares with an intercept."""
    known = split.known
    columns = np.stack([known.size, np.ones_like(known.size)], axis=1)
    (a_byte, a_request), *_ = np.linalg.lstsq(columns, known.reported, rcond=None)
    return Line(float(a_byte), float(a_request)), None


METHODS: Mapping[str, Method] = {
    "Shipledger": shipledger,
    "Shipledger, model unseen": unseen,
    "ordinary least squares": least_squares,
    "bytes ÷ 4": four_bytes,
}


class _Weeks(NamedTuple):
    """A model, its requests with tokens in the first week, and those to estimate in the second."""

    model: Model
    known: Requests
    unknown: Requests


def splits(seed: int) -> list[Split]:
    """Return every model and part of one generated company."""
    parts: dict[str, list[_Weeks]] = {}
    for number, model in enumerate(MODELS):
        generator = np.random.default_rng([seed, number])
        made = traffic(model, generator)
        is_reported = generator.random(len(made.day)) < REPORTED
        every = np.ones(len(made.day), dtype=bool)
        asked = (made.request_bytes, made.reported_input, made.input_tokens)
        answered = (made.response_bytes, made.reported_output, made.output_tokens)
        for part, chosen, columns in (
            ("input", every, asked),
            ("output", ~made.stream, answered),
            ("output_stream", made.stream, answered),
        ):
            known, unknown = (_requests(made, columns, chosen & rows) for rows in _weeks(made, is_reported))
            if len(known.size) and len(unknown.size):
                parts.setdefault(part, []).append(_Weeks(model, known, unknown))
    return [_split(part, place, models) for part, models in parts.items() for place in range(len(models))]


def _weeks(made: Traffic, is_reported: Chosen) -> tuple[Chosen, Chosen]:
    """Return the requests with tokens in the first week, and those without in the second."""
    return is_reported & (made.day < FIRST_WEEK), ~is_reported & (made.day >= FIRST_WEEK)


def _requests(made: Traffic, columns: tuple[Real, Real, Real], rows: Chosen) -> Requests:
    size, reported, true = (column[rows] for column in columns)
    return Requests(size, reported, true, made.day[rows])


def _split(part: str, place: int, models: list[_Weeks]) -> Split:
    model, known, unknown = models[place]
    others = [each for number, each in enumerate(models) if number != place]
    # As workers do: models of the same provider if there are at least two, else all models.
    of_provider = [each for each in others if each.model.provider == model.provider]
    reported = [each.known for each in (of_provider if len(of_provider) >= MODELS_FOR_ALL else others)]
    shared = [Requests(*(column[-SHARED_ROWS:] for column in astuple(each))) for each in reported]
    return Split(
        model=model.name,
        part=part,
        known=known,
        unknown=unknown,
        others=Requests(*(np.concatenate(columns) for columns in zip(*map(astuple, shared), strict=True))),
        other_model=np.repeat(np.arange(len(shared)), [len(each.size) for each in shared]),
    )


def measure(seeds: range) -> list[Scores]:
    """Return scores of every method for input and output, over all models and seeds."""
    made = [each for seed in seeds for each in splits(seed) if shipledger(each) is not None]
    return [
        _scores(name, part, method, [each for each in made if each.part.startswith(part)])
        for part in ("input", "output")
        for name, method in METHODS.items()
    ]


def _scores(name: str, part: str, method: Method, made: list[Split]) -> Scores:
    errors: list[float] = []
    held: list[bool] = []
    sums_held: list[bool] = []
    widths: list[float] = []
    for each in made:
        found = method(each)
        if found is None:
            continue
        line, intervals = found
        unknown = each.unknown
        estimate = line.tokens(unknown.size)
        for day in np.unique(unknown.day):
            rows = unknown.day == day
            total = _by_size(line, unknown.size[rows])
            true = unknown.true[rows].sum()
            errors.append(float(total / true - 1))
            if intervals:
                low, high = bounds(0, round(total), int(rows.sum()), intervals)
                sums_held.append(low <= true <= high)
                widths.append((high - low) / true)
        if intervals:
            error = log_errors(unknown.true, estimate, intervals.offset)
            held.extend((error >= intervals.quantiles[0].low) & (error <= intervals.quantiles[0].high))
    size = np.abs(errors)
    return Scores(
        method=name,
        part=part,
        sums=len(errors),
        median=round(float(np.median(size)), 4),
        ninetieth=round(float(np.quantile(size, 0.9)), 4),
        bias=round(float(np.median(errors)), 4),
        requests_held=round(float(np.mean(held)), 4) if held else None,
        sums_held=round(float(np.mean(sums_held)), 4) if sums_held else None,
        width=round(float(np.median(widths)), 4) if widths else None,
    )


def _by_size(line: Line, size: Real) -> float:
    """Return the sum as workers estimate it, from sums of bytes by size class."""
    classes = np.array([size_class(int(each)) for each in size])
    kinds = np.unique(classes)
    sums = np.array([size[classes == each].sum() for each in kinds])
    requests = np.array([(classes == each).sum() for each in kinds], dtype=np.float64)
    return float(line.tokens(sums, requests).sum())
