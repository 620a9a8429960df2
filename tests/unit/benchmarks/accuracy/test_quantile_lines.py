import numpy as np
import pytest

from tests.benchmarks.accuracy.quantile_lines import quantile_line


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_line_is_found_below_which_that_part_of_the_errors_lies_wherever_one_looks(part: float) -> None:
    numbers = np.random.default_rng(5)
    covariate = numbers.uniform(0, 2, size=40_000)
    errors = numbers.standard_exponential(40_000) * (1 + covariate)
    intercept, slope = quantile_line(covariate[:, None], errors, part)
    expected = -np.log(1 - part)
    assert (intercept, slope) == (pytest.approx(expected, abs=0.1), pytest.approx(expected, abs=0.1))
    for half in (covariate < 1, covariate > 1):
        assert np.mean(errors[half] < intercept + slope * covariate[half]) == pytest.approx(part, abs=0.01)


def test_without_features_it_is_the_conformal_quantile() -> None:
    errors = np.arange(1.0, 100.0)
    nothing = np.zeros((99, 0))
    assert quantile_line(nothing, errors, 0.1) == pytest.approx([10.0])
    assert quantile_line(nothing, errors, 0.9) == pytest.approx([90.0])


def test_a_scale_does_not_matter() -> None:
    numbers = np.random.default_rng(6)
    covariate, errors = numbers.uniform(size=(2000, 1)), numbers.normal(size=2000)
    line = quantile_line(covariate, errors, 0.8)
    assert quantile_line(covariate, errors / 1000, 0.8) == pytest.approx(line / 1000, rel=1e-6)
