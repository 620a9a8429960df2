import numpy as np
import pytest

from tests.unit.workers.gateway_bytes.test_line import texts
from vocabulary.intervals import COVERAGE
from workers.attribution.intervals import log_errors
from workers.gateway_bytes.calibrate import ENOUGH, calibrate


def test_too_few_requests_make_no_calibration() -> None:
    size, tokens = texts(ENOUGH - 1)
    assert calibrate(size, tokens) is None
    size, tokens = texts(ENOUGH)
    assert calibrate(size, tokens) is not None


def test_requests_that_cannot_be_do_not_count() -> None:
    size, tokens = texts(ENOUGH)
    tokens[0] = size[0] + 1
    assert calibrate(size, tokens) is None


def test_its_interval_holds_four_fifths_of_new_requests() -> None:
    found = calibrate(*texts(1000))
    assert found is not None
    size, tokens = texts(4000, seed=2)
    error = log_errors(tokens, found.line.tokens(size), found.offset)
    one = found.quantiles[0]
    assert np.mean((error >= one.low) & (error <= one.high)) == pytest.approx(COVERAGE, abs=0.04)


def test_intervals_of_sums_are_narrower() -> None:
    found = calibrate(*texts(2000))
    assert found is not None
    assert [each.pull_requests for each in found.quantiles] == [1, 5, 10, 25, 50, 100]
    widths = [each.high - each.low for each in found.quantiles]
    assert widths[3] < widths[0] / 2


def test_the_held_out_error_is_about_the_spread_of_texts() -> None:
    found = calibrate(*texts(1000))
    assert found is not None
    assert 0.04 < found.error < 0.1
    assert found.sum_error < 0.02
    assert found.spread == pytest.approx(0.1, abs=0.03)


def test_what_serves_unseen_models_is_measured_on_models_left_out() -> None:
    one, other = texts(300), texts(300, seed=2)
    size = np.concatenate([one[0], 1.5 * other[0]])
    tokens = np.concatenate([one[1], other[1]])
    model = np.repeat([0, 1], 300)
    own, shared = calibrate(size, tokens), calibrate(size, tokens, model)
    assert own is not None
    assert shared is not None
    assert shared.error > 0.25 > own.error
    assert calibrate(*one, np.zeros(300, dtype=np.int64)) is None, "one model tells nothing of how models differ"
