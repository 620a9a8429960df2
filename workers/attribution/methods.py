"""Attribution methods by name; each ledger row stores the name of its method."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workers.attribution.fit import Prior
from workers.attribution.kernels.kernel import LAGGING, Kernel
from workers.attribution.kernels.summed_kernel import SummedKernel
from workers.attribution.overhead import LIGHT, Assumption


@dataclass(frozen=True, slots=True)
class Method:
    """How pooled tokens are split: by activity, and by rates fitted under a prior if there is one.

    Rates of a week are fitted with `margin_days` before and after it. A share below the part `negligible` of the
    largest in its pool and hour is noise that would cost a ledger row; it goes to the others. `other_kernels` are for
    teams whose activity lags their work, `assumption` is how firmly the exploratory share is assumed, `spreads_days` is
    whether sums of a day are split by the activity of the whole day.
    """

    name: str
    kernel: Kernel | SummedKernel
    prior: Prior | None = None
    margin_days: int = 0
    negligible: float = 0.05
    other_kernels: tuple[Kernel, ...] = ()
    assumption: Assumption = LIGHT
    spreads_days: bool = False

    @property
    def kernels(self) -> tuple[Kernel | SummedKernel, ...]:
        """Return the kernels to choose from, the usual one first."""
        return (self.kernel, *self.other_kernels)

    @property
    def reach(self) -> float:
        """Return how long before its first activity, in hours, a pull request may be worked on."""
        return max(each.reach for each in self.kernels)

    @property
    def asleep(self) -> float:
        """Return how long after its last activity, in hours, a pull request may be worked on."""
        return max(each.asleep for each in self.kernels)


ACTIVITY: Final = Method("activity-kernel-1", SummedKernel())
FITTED: Final = Method(
    "fitted-activity-2",
    Kernel(),
    Prior(),
    margin_days=14,
    negligible=0.15,
    assumption=Assumption(weighs_hours=100, enough_hours=200),
)
CHOSEN: Final = Method(
    "fitted-activity-3",
    Kernel(),
    Prior(doubt=6.0, fade=4.0, own_links=True),
    margin_days=14,
    negligible=0.15,
    other_kernels=(LAGGING,),
    spreads_days=True,
)

METHODS: Final[Mapping[str, Method]] = {method.name: method for method in (ACTIVITY, FITTED, CHOSEN)}
CURRENT: Final = CHOSEN
