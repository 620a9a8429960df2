"""Fits a calibration and measures its error on requests left out of the fit.

Folds are stretches of time, so that left-out requests are as new to the fit as future ones. If a calibration serves
models it was not fitted on, folds are models, and `between_models` computes the interval from their number. Intervals
are quantiles of the held-out errors log((true + c) / (estimate + c)) by split conformal prediction (Lei and others,
"Distribution-free predictive inference for regression", JASA 113, 2018; with folds as in Barber and others, "Predictive
inference with the jackknife+", Annals of Statistics 49, 2021), for single requests and for sums over neighbours, whose
errors do not cancel like independent ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocabulary.intervals import Quantiles
from workers.attribution.intervals import conformal_quantiles, log_errors, offset, sum_errors
from workers.gateway_bytes.between_models import between_models
from workers.gateway_bytes.line import NORMAL, Line, Real, believed, fit_line, usable

# Fewer requests with reported tokens say too little about a model and the tails of its errors.
ENOUGH = 50
FOLDS = 5
MODELS_FOR_ALL = 2
SIZES = (1, 5, 10, 25, 50, 100, 250)
# This many sums are enough for an 80 % interval; larger sums get the interval of the largest measured size.
ENOUGH_SUMS = 20


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted line, the number of requests it was fitted on, and its held-out errors.

    `error` is the median relative error of one request, `sum_error` that of their sum. `offset` is c in tokens;
    `middle` and `spread` are the middle and standard deviation of one request's log error.
    """

    line: Line
    rows: int
    error: float
    sum_error: float
    offset: int
    quantiles: tuple[Quantiles, ...]
    middle: float
    spread: float


def calibrate(size: Real, tokens: Real, model: NDArray[np.int64] | None = None) -> Calibration | None:
    """Calibrate on requests in order of time: bytes (n,), tokens (n,) and, to serve unseen models, models (n,).

    Returns None with too few requests or models, or when tokens do not grow with bytes.
    """
    possible = usable(size, tokens)
    size, tokens = size[possible], tokens[possible]
    groups = None if model is None else model[possible]
    folds = _stretches(len(size)) if groups is None else _by_model(groups)
    if len(size) < ENOUGH or len(folds) < (FOLDS if groups is None else MODELS_FOR_ALL):
        return None
    line = fit_line(size, tokens)
    held_out = np.zeros_like(tokens)
    for fold in folds:
        rest = np.ones(len(size), dtype=bool)
        rest[fold] = False
        fitted = fit_line(size[rest], tokens[rest])
        if fitted is None:
            return None
        held_out[fold] = fitted.tokens(size[fold])
    if line is None:
        return None
    c = offset(int(tokens.sum()), len(tokens))
    if groups is None:
        own = _quantiles(believed(tokens, held_out + c), held_out, c, [np.arange(len(size))])
        return _measured(line, tokens, held_out, c, own)
    return _measured(line, tokens, held_out, c, _shared_quantiles(tokens, held_out, c, folds))


def _measured(line: Line, tokens: Real, held_out: Real, c: int, quantiles: Sequence[Quantiles]) -> Calibration:
    some = tokens > 0
    errors = log_errors(tokens, held_out, c)
    middle = float(np.median(errors))
    spread = NORMAL * float(np.median(np.abs(errors - middle)))
    return Calibration(
        line=line,
        rows=len(tokens),
        error=float(np.median(np.abs(held_out[some] / tokens[some] - 1))),
        sum_error=float(abs(held_out.sum() / tokens.sum() - 1)),
        offset=c,
        quantiles=tuple(quantiles),
        middle=middle,
        spread=spread,
    )


def _quantiles(tokens: Real, held_out: Real, c: int, neighbours: Sequence[NDArray[np.int64]]) -> Sequence[Quantiles]:
    """Return quantiles of sums over neighbours, for each size with enough of them."""
    measured = []
    for count in SIZES:
        errors = np.concatenate([sum_errors(tokens[rows], held_out[rows], c, count) for rows in neighbours])
        if len(errors) >= ENOUGH_SUMS:
            measured.append(conformal_quantiles(errors, count))
    return measured


def _shared_quantiles(tokens: Real, held_out: Real, c: int, models: Sequence[NDArray[np.int64]]) -> Sequence[Quantiles]:
    """Return quantiles for sums of a left-out model's requests, as each model's spread around its own sum."""
    sound, around, middles = np.zeros_like(tokens), np.zeros_like(tokens), []
    for rows in models:
        typical = np.exp(np.median(log_errors(tokens[rows], held_out[rows], c)))
        sound[rows] = believed(tokens[rows], (held_out[rows] + c) * typical)
        ratio = (sound[rows].sum() + c) / (held_out[rows].sum() + c)
        around[rows] = held_out[rows] * ratio
        middles.append(float(np.log(ratio)))
    return between_models(middles, _quantiles(sound, around, c, models))


def _stretches(count: int) -> list[NDArray[np.int64]]:
    return [fold for fold in np.array_split(np.arange(count), FOLDS) if len(fold)]


def _by_model(model: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [np.flatnonzero(model == each) for each in np.unique(model)]
