"""Converts bytes to tokens: a robust line that a few odd requests do not move.

Iteratively reweighted least squares with Tukey's bisquare weights and the median absolute deviation as scale (Beaton
and Tukey, "The fitting of power series, meaning polynomials, illustrated on band-spectroscopic data", Technometrics 16,
1974; Huber and Ronchetti, "Robust Statistics", 2009, chapter 7). Errors are relative to the expected tokens, because
texts in another language are off by a factor rather than by a number. The intercept is the envelope of every request. A
line through typical requests is biased for their sum, so it is scaled to the sum of the requests it explains (Duan,
"Smearing estimate", JASA 78, 1983).

Pictures and other attachments are bytes without tokens. So a request counts at most `largest` bytes, the limit at which
sums come out right, never far beyond the largest request seen. tests/benchmarks/gateway_bytes compares this with
ordinary least squares on generated traffic.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

# Tukey's constant: 95 % as efficient as least squares for normal errors.
TUKEY = 4.685
# Converts a median absolute deviation to the standard deviation of normal errors.
NORMAL = 1.4826
# Minimum error of small requests, relative to the mean.
FLOOR = 0.1
# Multiple of the expected tokens up to which one request is trusted.
MOST = 2.0
# Multiple of the largest request seen up to which the line is extrapolated.
BEYOND = 4.0
ROUNDS = 50
SETTLED = 1e-6
# Sums that exceed the truth by no more than this need no limit on bytes.
NEARLY = 1.01
HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """Tokens of a request = `a_byte` per byte (at most `largest` bytes) + `a_request`, at least 0."""

    a_byte: float
    a_request: float
    largest: float = inf

    def tokens(self, size: Real, requests: Real | None = None) -> Real:
        """Return tokens (n,) of requests with these bytes (n,), or of byte sums over `requests` (n,) each."""
        count = np.ones_like(size) if requests is None else requests
        # Avoids 0 · infinity.
        limit = np.full_like(size, inf) if self.largest == inf else count * self.largest
        expected: Real = np.maximum(0.0, self.a_byte * np.minimum(size, limit) + self.a_request * count)
        return np.where(count > 0, expected, 0.0)


def usable(size: Real, tokens: Real) -> NDArray[np.bool_]:
    """Return which requests (n,) are plausible: no tokenizer makes more tokens than bytes."""
    possible: NDArray[np.bool_] = (size > 0) & (tokens >= 0) & (tokens <= size)
    return possible


def fit_line(size: Real, tokens: Real) -> Line | None:
    """Fit a line to usable requests with bytes (n,) and tokens (n,); None when tokens do not grow with bytes."""
    if len(size) == 0 or not tokens.any():
        return None
    fitted = _fit(size, tokens)
    if fitted is None:
        return None
    line, deviation, scale = fitted
    explained = np.abs(deviation) < TUKEY * scale
    total = line.tokens(size[explained]).sum()
    factor = tokens[explained].sum() / total if total > 0 else 1.0
    line = Line(line.a_byte * factor, line.a_request * factor)
    expected = line.tokens(size)
    tokens = believed(tokens, expected + FLOOR * tokens.mean())
    more = tokens.sum() / expected.sum()
    seen = BEYOND * float(size.max())
    if more > 1:
        return Line(line.a_byte * more, line.a_request * more, seen)
    return _limited(Line(line.a_byte, line.a_request, seen), size, tokens)


def believed(tokens: Real, expected: Real) -> Real:
    """Limit tokens (n,) to MOST times the expected ones: far more are faults or answers that were cut off."""
    return np.minimum(tokens, MOST * expected)


def _fit(size: Real, tokens: Real) -> tuple[Line, Real, float] | None:
    """Return the line, relative deviations (n,) from it, and their scale."""
    line = Line(float(np.median(tokens / size)), 0.0)
    floor = FLOOR * float(tokens.mean())
    for _ in range(ROUNDS):
        deviation, scale = _deviations(line, size, tokens, floor)
        weight = np.square(np.maximum(0.0, 1 - np.square(deviation / (TUKEY * scale))))
        root = np.sqrt(weight) / (line.tokens(size) + floor)
        columns = np.stack([size * root, root], axis=1)
        (a_byte, a_request), *_ = np.linalg.lstsq(columns, tokens * root, rcond=None)
        if not a_byte > 0:
            return None
        before, line = line, Line(float(a_byte), float(a_request))
        if abs(line.a_byte - before.a_byte) <= SETTLED * before.a_byte:
            break
    return line, *_deviations(line, size, tokens, floor)


def _deviations(line: Line, size: Real, tokens: Real, floor: float) -> tuple[Real, float]:
    expected = line.a_byte * size + line.a_request
    deviation: Real = (tokens - expected) / (np.maximum(0.0, expected) + floor)
    middle = np.median(deviation)
    # Identical requests have no spread at all.
    return deviation, max(NORMAL * float(np.median(np.abs(deviation - middle))), SETTLED)


def _limited(line: Line, size: Real, tokens: Real) -> Line:
    """Limit the bytes of one request so that the estimated sum matches the reported tokens."""
    total = tokens.sum()
    if line.tokens(size).sum() <= NEARLY * total:
        return line
    low, high = float(np.median(size)), float(size.max())
    for _ in range(HALVINGS):
        middle = (low * high) ** 0.5
        if Line(line.a_byte, line.a_request, middle).tokens(size).sum() > total:
            high = middle
        else:
            low = middle
    return Line(line.a_byte, line.a_request, high)
