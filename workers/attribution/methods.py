"""Ways to attribute, by the name that each ledger row keeps of the one that made it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workers.attribution.fit import Prior
from workers.attribution.kernel import Kernel
from workers.attribution.summed_kernel import SummedKernel


@dataclass(frozen=True, slots=True)
class Method:
    """How pooled tokens are shared: by activity, and by rates fitted under a prior where there is one.

    Rates of a week are fitted on `margin_days` before and after it too. A share below `negligible`, as part of the
    largest of its pool and hour, would be noise, and a ledger row for nothing; it goes to the others.
    """

    name: str
    kernel: Kernel | SummedKernel
    prior: Prior | None = None
    margin_days: int = 0
    negligible: float = 0.05


ACTIVITY: Final = Method("activity-kernel-1", SummedKernel())
FITTED: Final = Method("fitted-activity-2", Kernel(), Prior(), margin_days=14, negligible=0.15)

METHODS: Final[Mapping[str, Method]] = {method.name: method for method in (ACTIVITY, FITTED)}
CURRENT: Final = FITTED
