import pytest

from workers.statistics.student import quantile


@pytest.mark.parametrize(
    ("probability", "freedom", "tabulated"),
    [(0.975, 4, 2.776), (0.975, 10, 2.228), (0.8, 5, 0.920), (0.99, 30, 2.457), (0.025, 19, -2.093)],
)
def test_quantiles_are_those_of_the_table(probability: float, freedom: float, tabulated: float) -> None:
    assert quantile(probability, freedom) == pytest.approx(tabulated, abs=0.002)


def test_without_a_limit_of_freedom_the_distribution_is_normal() -> None:
    assert quantile(0.975, float("inf")) == pytest.approx(1.95996, abs=1e-5)
