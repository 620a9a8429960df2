import numpy as np
import pytest

from vocabulary.intervals import COVERAGE, Quantiles
from workers.gateway_bytes.between_models import between_models

ALIKE = (Quantiles(1, 0.0, 0.0),)


@pytest.mark.parametrize("count", [2, 3, 6, 30])
def test_four_fifths_of_new_models_lie_between_however_few_are_known(count: int) -> None:
    generator = np.random.default_rng(1)
    held = []
    for _ in range(4000):
        *known, new = generator.normal(0.3, 0.2, count + 1)
        ((_, low, high),) = between_models(known, ALIKE)
        held.append(low <= new <= high)
    assert np.mean(held) == pytest.approx(COVERAGE, abs=0.02)


def test_what_requests_of_one_model_add_makes_it_wider() -> None:
    ((_, low, high),) = between_models([0.1, -0.1], (Quantiles(1, -0.3, 0.5),))
    ((_, least, most),) = between_models([0.1, -0.1], ALIKE)
    assert low < least < 0 < most < high


def test_equal_models_keep_the_differences_between_their_requests() -> None:
    assert between_models([0.0, 0.0, 0.0], (Quantiles(5, -0.1, 0.2),)) == (Quantiles(5, -0.1, 0.2),)
