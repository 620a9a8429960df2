"""How far a calibration that models share is off for one that it has never seen.

Models differ among each other more than requests of one model do, and there are few of them: so their errors are taken
as drawn from a normal distribution (of logarithms), and a new one's lies between the limits of Student's prediction
interval (Geisser, "Predictive Inference", 1993, chapter 2). What requests of one model add to it is measured.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np

from schema.intervals import Quantiles

# Student's 90 % quantile by degrees of freedom, for two tails of 10 % (COVERAGE is 80 %), and that of the normal
# distribution, which it approaches.
STUDENT: Final = (3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372)
NORMAL: Final = 1.2816


def between_models(middles: Sequence[float], within: Sequence[Quantiles]) -> tuple[Quantiles, ...]:
    """Quantiles for requests of a new model.

    `middles` are log errors of the sums of models left out, two at least; `within` the quantiles of log errors of sums
    of one model around its own middle.
    """
    count = len(middles)
    center = float(np.mean(middles))
    half = _student(count - 1) * float(np.std(middles, ddof=1)) * sqrt(1 + 1 / count)
    # Two independent errors: their squares add up.
    return tuple(
        Quantiles(size, center - sqrt(half**2 + low**2), center + sqrt(half**2 + high**2)) for size, low, high in within
    )


def _student(degrees: int) -> float:
    if degrees <= len(STUDENT):
        return STUDENT[degrees - 1]
    # The first term of the expansion of Cornish and Fisher.
    return NORMAL + (NORMAL**3 + NORMAL) / (4 * degrees)
