from math import log

import pytest

from vocabulary.intervals import Doubt, Quantiles
from workers.attribution.widening import widened

MEASURED = (Quantiles(1, -1.0, 0.8), Quantiles(25, -0.2, 0.1))


def test_measured_errors_stay_where_nothing_disturbs_them() -> None:
    assert widened(MEASURED, (Doubt.FEW_LINKS, Doubt.ACTIVITY_LAGS), 0.5) == MEASURED


def test_sums_span_what_exploration_plausibly_is() -> None:
    single, total = widened(MEASURED, (Doubt.EXPLORATION_ASSUMED,), 0.0)
    assert (total.low, total.high) == pytest.approx((-0.2 + log(0.55 / 0.8), 0.1 + log(0.95 / 0.8)))
    assert -1.1 < single.low < -1.0
    assert 0.8 < single.high < 0.9


def test_a_burst_widens_by_its_part_on_both_sides() -> None:
    _, total = widened(MEASURED, (Doubt.ONE_BURST,), 0.2)
    assert (total.low, total.high) == pytest.approx((-0.2 + log(0.8), 0.1 - log(0.8)))
