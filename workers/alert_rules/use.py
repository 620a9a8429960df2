"""What was used each day: the numbers that the rules read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from vocabulary.tokens import TOKEN_KINDS
from workers.statistics.arrays import Mask, Real, Whole

INPUTS = ("input_uncached", "cache_read", "cache_write")
OUTPUTS = ("output_visible", "output_reasoning")
REQUESTS, COST, LINKED = "requests", "nano_usd", "linked"
AMOUNTS = (*TOKEN_KINDS, REQUESTS, COST, LINKED)
LABELS = ("team", "provider", "model", "prompt", "workflow")


class Change(NamedTuple):
    """A change that explains curves; `team` is None for all teams."""

    kind: str
    day: date
    team: str | None
    workflow: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DailyUse:
    """Tokens by kind, requests, nano-USD and linked tokens of each cell and day (cells, days) until `last_day`.

    A cell is a combination of LABELS. All amounts are whole, so that sums are exact.
    """

    last_day: date
    labels: Sequence[Mapping[str, str]]
    amounts: Mapping[str, Whole]
    team_ids: Mapping[str, int]

    @property
    def days(self) -> int:
        """Return the number of days."""
        return int(self.amounts[COST].shape[1])

    def day(self, place: int) -> date:
        """Return the day of a column."""
        return self.last_day - timedelta(days=self.days - 1 - place)

    def place(self, day: date) -> int:
        """Return the column of a day; negative before the first."""
        return self.days - 1 - (self.last_day - day).days

    def inside(self, dimension: str, value: str) -> Mask:
        """Return which cells have a value; all of them if the dimension is the organization."""
        if dimension not in LABELS:
            return np.ones(len(self.labels), dtype=bool)
        return np.array([each[dimension] == value for each in self.labels], dtype=bool)

    def groups(self, dimension: str) -> dict[str, Mask]:
        """Return the cells of each value of a label that is not empty."""
        values = np.array([each[dimension] for each in self.labels], dtype=str)
        return {str(value): values == value for value in np.unique(values) if value}

    def total(self, names: Iterable[str], inside: Mask) -> Real:
        """Return the sum of some amounts over some cells, by day."""
        summed: Real = sum(self.amounts[name][inside].sum(axis=0) for name in names) + np.zeros(self.days)
        return summed
