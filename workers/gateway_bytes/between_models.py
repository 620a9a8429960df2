"""The error of a shared calibration for a model that it was not fitted on.

Models differ more from each other than requests of one model do, and there are few of them. So their errors are assumed
to be normally distributed (on a log scale), and a new model's error lies within Student's prediction interval (Geisser,
"Predictive Inference", 1993, chapter 2). The additional error of single requests of a model is measured.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np

from vocabulary.intervals import Quantiles

# Student's 90 % quantile by degrees of freedom, for two tails of 10 % (COVERAGE is 80 %), and that of the normal
# distribution, its limit.
STUDENT: Final = (3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372)
NORMAL: Final = 1.2816


def between_models(middles: Sequence[float], within: Sequence[Quantiles]) -> tuple[Quantiles, ...]:
    """Return quantiles for requests of a new model.

    `middles` are log errors of the sums of left-out models, at least two; `within` are quantiles of log errors of one
    model's sums around its own middle.
    """
    count = len(middles)
    center = float(np.mean(middles))
    half = _student(count - 1) * float(np.std(middles, ddof=1)) * sqrt(1 + 1 / count)
    # The errors are independent, so their squares add up.
    return tuple(
        Quantiles(size, center - sqrt(half**2 + low**2), center + sqrt(half**2 + high**2)) for size, low, high in within
    )


def _student(degrees: int) -> float:
    if degrees <= len(STUDENT):
        return STUDENT[degrees - 1]
    # The first term of the Cornish-Fisher expansion.
    return NORMAL + (NORMAL**3 + NORMAL) / (4 * degrees)
