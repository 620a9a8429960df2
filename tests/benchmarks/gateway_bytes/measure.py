"""Calibrates on one week of requests that tell their tokens, and estimates the next week of those that tell none."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from schema.gateway_parts import size_class
from schema.intervals import Calibration as Errors
from schema.intervals import bounds
from tests.benchmarks.gateway_bytes.traffic import DAYS, MODELS, Real, Traffic, traffic
from workers.attribution.intervals import log_errors
from workers.gateway_bytes.calibrate import Calibration, calibrate
from workers.gateway_bytes.line import Line

TOLD = 0.3
FIRST_WEEK = DAYS // 2
# What everybody says a token is.
BYTES_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Requests:
    """Some requests of one part: their bytes, what is told and what is true, and their day; each (n,)."""

    size: Real
    told: Real
    true: Real
    day: Real


@dataclass(frozen=True, slots=True)
class Split:
    """Requests of one model and part: those to calibrate on, and those to estimate."""

    model: str
    part: str
    known: Requests
    unknown: Requests


@dataclass(frozen=True, slots=True)
class Scores:
    """Relative errors of the sums of each model and day, and, with intervals, the shares of truths that they hold."""

    method: str
    part: str
    sums: int
    median: float
    ninetieth: float
    bias: float
    requests_held: float | None
    sums_held: float | None
    width: float | None


# Estimates of each request (n,), and low and high of each, where there are any.
Method: TypeAlias = Callable[[Requests, Requests], tuple[Line, Errors | None] | None]


def shipledger(known: Requests, _: Requests) -> tuple[Line, Errors | None] | None:
    """The calibration as the workers make it."""
    found: Calibration | None = calibrate(known.size, known.told)
    return None if found is None else (found.line, Errors(found.offset, found.quantiles))


def four_bytes(_known: Requests, _: Requests) -> tuple[Line, Errors | None]:
    """Bytes by four."""
    return Line(1 / BYTES_A_TOKEN, 0.0), None


def least_squares(known: Requests, _: Requests) -> tuple[Line, Errors | None]:
    """Ordinary least squares, with an intercept."""
    columns = np.stack([known.size, np.ones_like(known.size)], axis=1)
    (a_byte, a_request), *_ = np.linalg.lstsq(columns, known.told, rcond=None)
    return Line(float(a_byte), float(a_request)), None


METHODS: Mapping[str, Method] = {
    "Shipledger": shipledger,
    "ordinary least squares": least_squares,
    "bytes ÷ 4": four_bytes,
}


def splits(seed: int) -> Iterator[Split]:
    """Every model and part of one generated company."""
    for number, model in enumerate(MODELS):
        generator = np.random.default_rng([seed, number])
        made = traffic(model, generator)
        is_told = generator.random(len(made.day)) < TOLD
        yield _split(made, "input", made.request_bytes, made.told_input, made.input_tokens, is_told, None)
        for part, chosen in (("output", ~made.stream), ("output_stream", made.stream)):
            if chosen.any():
                yield _split(made, part, made.response_bytes, made.told_output, made.output_tokens, is_told, chosen)


def _split(
    made: Traffic,
    part: str,
    size: Real,
    told: Real,
    true: Real,
    is_told: np.ndarray[tuple[int], np.dtype[np.bool_]],
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]] | None,
) -> Split:
    within = np.ones(len(size), dtype=bool) if chosen is None else chosen

    def requests(rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Requests:
        return Requests(size[rows], told[rows], true[rows], made.day[rows].astype(np.float64))

    known = within & is_told & (made.day < FIRST_WEEK)
    unknown = within & ~is_told & (made.day >= FIRST_WEEK)
    return Split(made.model.name, part, requests(known), requests(unknown))


def measure(seeds: range) -> list[Scores]:
    """Scores of every method for input and for output, over all models and seeds."""
    made = [each for seed in seeds for each in splits(seed)]
    return [
        _scores(name, part, method, [each for each in made if each.part.startswith(part)])
        for part in ("input", "output")
        for name, method in METHODS.items()
    ]


def _scores(name: str, part: str, method: Method, made: list[Split]) -> Scores:
    errors: list[float] = []
    held, sums_held, widths = [], [], []
    for each in made:
        found = method(each.known, each.unknown)
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
    """The sum as the workers estimate it, from sums of bytes by size class."""
    classes = np.array([size_class(int(each)) for each in size])
    kinds = np.unique(classes)
    sums = np.array([size[classes == each].sum() for each in kinds])
    requests = np.array([(classes == each).sum() for each in kinds], dtype=np.float64)
    return float(line.tokens(sums, requests).sum())
