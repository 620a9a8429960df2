"""Token windows of a team as columns, so that a whole year can be settled at once."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

import numpy as np

from workers.attribution.apportion import Whole
from workers.attribution.model import Evidence, Window

HOUR = 3600
HOURS_A_DAY = 24

Value = TypeVar("Value", bound=Hashable)


class Label(NamedTuple):
    """What the rollup separates besides day, pull request and evidence."""

    model: str
    workflow: str


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Columns of equal length, in ascending order of hour and window id.

    `hour` (windows,) counts from the epoch; `amounts` (windows, 6) are the five token kinds and nano-USD; `evidence`
    and `label` (windows,) are indexes into the distinct values of each.
    """

    window_ids: tuple[bytes, ...]
    hour: Whole
    amounts: Whole
    evidence: Whole
    evidence_values: tuple[Evidence, ...]
    label: Whole
    label_values: tuple[Label, ...]

    def __len__(self) -> int:
        return len(self.window_ids)

    @classmethod
    def of(cls, windows: Iterable[Window]) -> "Windows":
        """Convert windows to columns."""
        windows = tuple(windows)
        return cls.of_columns(
            window_ids=[window.window_id for window in windows],
            hours=[hour_number(window.hour) for window in windows],
            amounts=[(*window.tokens, window.cost_nano_usd) for window in windows],
            evidence=[window.evidence for window in windows],
            labels=[Label(window.model, window.workflow) for window in windows],
        )

    @classmethod
    def of_columns(
        cls,
        *,
        window_ids: Sequence[bytes],
        hours: Sequence[int],
        amounts: Sequence[Sequence[int]],
        evidence: Sequence[Evidence],
        labels: Sequence[Label],
    ) -> "Windows":
        """Sort columns given in any order; hours count from the epoch."""
        keys = list(zip(hours, window_ids, strict=True))
        order = sorted(range(len(keys)), key=keys.__getitem__)
        evidence_values, evidence_places = _distinct(evidence[index] for index in order)
        label_values, label_places = _distinct(labels[index] for index in order)
        return cls(
            window_ids=tuple(window_ids[index] for index in order),
            hour=np.array(hours, dtype=np.int64)[order],
            amounts=np.array(amounts, dtype=np.int64).reshape(-1, 6)[order],
            evidence=evidence_places,
            evidence_values=evidence_values,
            label=label_places,
            label_values=label_values,
        )


def hour_number(instant: datetime) -> int:
    """Return the hour of an instant, counted from the epoch."""
    return int(instant.timestamp()) // HOUR


def hour_begins(hour: int) -> datetime:
    """Return the instant at which a counted hour begins."""
    return datetime.fromtimestamp(hour * HOUR, UTC)


def _distinct(values: Iterable[Value]) -> tuple[tuple[Value, ...], Whole]:
    """Return the distinct values, and the index of each given value among them."""
    places: dict[Value, int] = {}
    index = np.array([places.setdefault(value, len(places)) for value in values], dtype=np.int64)
    return tuple(places), index
