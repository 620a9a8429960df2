"""An effect with its interval: how many times as much was shipped as without it."""

from dataclasses import dataclass
from math import exp, inf

from workers.statistics.student import quantile

# The probability that an interval contains the effect, and that a study sees an effect of the smallest visible size.
COVERAGE = 0.95
POWER = 0.8


@dataclass(frozen=True, slots=True)
class Estimate:
    """A ratio as natural logarithm with its standard error; `freedom` are the degrees of freedom of the error."""

    log_ratio: float
    standard_error: float
    freedom: float

    @property
    def change(self) -> float:
        """Return the effect as a share: 0.12 is 12 % more."""
        return exp(self.log_ratio) - 1

    @property
    def low(self) -> float:
        """Return the lower end of the interval, as a share."""
        return exp(self.log_ratio - self.margin) - 1

    @property
    def high(self) -> float:
        """Return the upper end of the interval, as a share."""
        return exp(min(700.0, self.log_ratio + self.margin)) - 1

    @property
    def margin(self) -> float:
        """Return half the width of the interval, as a logarithm."""
        return self.margin_at(COVERAGE)

    def margin_at(self, coverage: float) -> float:
        """Return half the width of an interval with another coverage, as a logarithm."""
        return quantile((1 + coverage) / 2, self.freedom) * self.standard_error

    @property
    def smallest_visible(self) -> float:
        """Return the smallest rise, as a share, that a study of this precision sees with probability POWER."""
        spread = quantile((1 + COVERAGE) / 2, self.freedom) + quantile(POWER, self.freedom)
        return exp(spread * self.standard_error) - 1 if spread * self.standard_error < 700 else inf  # noqa: PLR2004

    @property
    def is_rise(self) -> bool:
        """Tell whether the whole interval is above no change."""
        return self.log_ratio > self.margin

    @property
    def is_fall(self) -> bool:
        """Tell whether the whole interval is below no change."""
        return self.log_ratio < -self.margin
