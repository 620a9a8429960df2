"""The result of attribution: the ledger of a settled span as columns, with iteration by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from vocabulary.tokens import TokenCounts, sum_tokens
from workers.attribution.apportion import Whole
from workers.attribution.model import ARTIFACT, BRANCH, COHORT, COMMIT, NO_EVIDENCE, REPOSITORY
from workers.attribution.window_columns import HOURS_A_DAY, Label, Windows, hour_begins

# Columns store evidence as an index into this tuple.
EVIDENCE = (ARTIFACT, COMMIT, BRANCH, REPOSITORY, COHORT, NO_EVIDENCE)
EVIDENCE_PLACES = {evidence: place for place, evidence in enumerate(EVIDENCE)}

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class AttributionRow:
    """The share of one window attributed to one pull request or to overhead."""

    window_id: bytes
    hour: datetime
    artifact_id: bytes
    evidence: str
    tokens: TokenCounts
    cost_nano_usd: int


@dataclass(frozen=True, slots=True)
class RollupRow:
    """A day's ledger summed by pull request, evidence, model and workflow."""

    day: date
    artifact_id: bytes
    evidence: str
    model: str
    workflow: str
    tokens: TokenCounts
    cost_nano_usd: int


@dataclass(frozen=True, slots=True)
class Total:
    """The total of a day's windows."""

    tokens: TokenCounts
    cost_nano_usd: int


@dataclass(frozen=True, slots=True, eq=False)
class AttributionRows:
    """Ledger rows in ascending order of hour, window id and artifact id, without empty rows.

    `window` and `artifact` (rows,) are indexes into `windows` and `artifacts`, `evidence` (rows,) into EVIDENCE;
    `amounts` (rows, 6) are the five token kinds and nano-USD.
    """

    windows: Windows
    artifacts: tuple[bytes, ...]
    window: Whole
    artifact: Whole
    evidence: Whole
    amounts: Whole

    def __len__(self) -> int:
        return len(self.window)

    def __iter__(self) -> Iterator[AttributionRow]:
        for _, hour, window_id, artifact_id, evidence, *tokens, cost in self.values(0, len(self)):
            yield AttributionRow(window_id, hour, artifact_id, evidence, TokenCounts(*tokens), cost)

    def values(self, start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        """Yield rows `start` to `stop` (exclusive): day, hour, window id, artifact id, evidence and amounts."""
        part = slice(start, stop)
        hours = self.windows.hour[self.window[part]]
        instants = {hour: hour_begins(hour) for hour in np.unique(hours).tolist()}
        yield from zip(
            [instants[hour].date() for hour in hours.tolist()],
            [instants[hour] for hour in hours.tolist()],
            [self.windows.window_ids[window] for window in self.window[part].tolist()],
            [self.artifacts[artifact] for artifact in self.artifact[part].tolist()],
            [EVIDENCE[evidence] for evidence in self.evidence[part].tolist()],
            *self.amounts[part].T.tolist(),
            strict=True,
        )


@dataclass(frozen=True, slots=True, eq=False)
class RollupRows:
    """Rollup rows in ascending order of day, artifact id, evidence (strongest first), model and workflow.

    `day` (rows,) counts from the epoch; `artifact`, `evidence` and `label` (rows,) are indexes into `artifacts`,
    EVIDENCE and `labels`; `amounts` are as in the ledger rows.
    """

    artifacts: tuple[bytes, ...]
    labels: tuple[Label, ...]
    day: Whole
    artifact: Whole
    evidence: Whole
    label: Whole
    amounts: Whole

    def __len__(self) -> int:
        return len(self.day)

    def __iter__(self) -> Iterator[RollupRow]:
        for day, artifact_id, evidence, model, workflow, *tokens, cost in self.values(0, len(self)):
            yield RollupRow(day, artifact_id, evidence, model, workflow, TokenCounts(*tokens), cost)

    def values(self, start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        """Yield rows `start` to `stop` (exclusive): day, artifact id, evidence, model, workflow and amounts."""
        part = slice(start, stop)
        yield from zip(
            [EPOCH + timedelta(days=day) for day in self.day[part].tolist()],
            [self.artifacts[artifact] for artifact in self.artifact[part].tolist()],
            [EVIDENCE[evidence] for evidence in self.evidence[part].tolist()],
            [self.labels[label].model for label in self.label[part].tolist()],
            [self.labels[label].workflow for label in self.label[part].tolist()],
            *self.amounts[part].T.tolist(),
            strict=True,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Settled days of one team: rows, their rollup, the total of each day's windows, and the method.

    `depends_on` maps a day to the first and last day that its ledger depends on, if it depends on others.
    """

    rows: AttributionRows
    rollup: RollupRows
    totals: Mapping[date, Total]
    method: str
    depends_on: Mapping[date, tuple[date, date]] = field(default_factory=dict)

    @property
    def tokens(self) -> TokenCounts:
        """The tokens of all settled windows."""
        return sum_tokens(total.tokens for total in self.totals.values())

    @property
    def cost_nano_usd(self) -> int:
        """The list price of all settled windows."""
        return sum(total.cost_nano_usd for total in self.totals.values())


def roll_up(rows: AttributionRows) -> RollupRows:
    """Sum the rows by day, pull request, evidence, model and workflow."""
    windows = rows.windows
    # Labels in alphabetical order, so that the result does not depend on the order of windows.
    alphabetical = sorted(range(len(windows.label_values)), key=windows.label_values.__getitem__)
    place = np.empty(len(alphabetical), dtype=np.int64)
    place[alphabetical] = np.arange(len(alphabetical))
    day = windows.hour[rows.window] // HOURS_A_DAY
    shape = (int(day.max(initial=0)) + 1, len(rows.artifacts), len(EVIDENCE), max(len(alphabetical), 1))
    key = np.ravel_multi_index((day, rows.artifact, rows.evidence, place[windows.label[rows.window]]), shape)
    order = np.argsort(key, kind="stable")
    keys, starts = np.unique(key[order], return_index=True)
    amounts = np.add.reduceat(rows.amounts[order], starts) if len(starts) else rows.amounts
    days, artifact, evidence, label = np.unravel_index(keys, shape)
    labels = tuple(windows.label_values[index] for index in alphabetical)
    return RollupRows(rows.artifacts, labels, days, artifact, evidence, label, amounts)
