"""Attribution methods by name; each ledger row stores the name of its method."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workers.attribution.fit import Prior
from workers.attribution.kernel import Kernel
from workers.attribution.summed_kernel import SummedKernel


@dataclass(frozen=True, slots=True)
class Method:
    """How pooled tokens are split: by activity, and by rates fitted under a prior if there is one.

    Rates of a week are fitted with `margin_days` before and after it. A share below the part `negligible` of the
    largest in its pool and hour is noise that would cost a ledger row; it goes to the others.
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
