"""Names what made spend rise: the model, prompt version, team or workflow whose own rise explains it best. Pure.

Each candidate is a rise of one factor in all its requests and none elsewhere. The likelihood of such a rise is larger
the more of the rise lies in it, and the less of what did not rise: a model that half of all requests use explains a
prompt's rise worse than the prompt itself.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Real
from workers.statistics.spikes import Spike, step_gain
from workers.statistics.usual_days import WEEK, WEEKS, usual_days

# What a candidate that is new counts as having been expected: this share of everything.
NEW_SHARE = 0.01
# Days around the beginning of a rise in which a known change (a model upgrade, a new prompt version) explains it, and
# the share of the best candidate's likelihood that is enough then.
CHANGE_DAYS = 3
CHANGE_SHARE = 0.5
# A candidate that appears in these days is such a change without being recorded.
NEW_BEFORE = 0.05


class Candidate(NamedTuple):
    """A value of a dimension, such as `prompt` v7."""

    dimension: str
    value: str


class Cause(NamedTuple):
    """A candidate, what it usually costs in the days of the rise and what it cost; `is_change` if known to be new."""

    candidate: Candidate
    expected: float
    spent: float
    is_change: bool
    likelihood: float

    @property
    def excess(self) -> float:
        """What the candidate cost more than usual."""
        return self.spent - self.expected


def rank_causes(
    cells: Real, labels: Sequence[Mapping[str, str]], spike: Spike, changes: Collection[tuple[Candidate, int]] = ()
) -> list[Cause]:
    """Return the causes of a rise, likeliest first; only candidates that rose.

    `cells` (cells, days) is the spend of each combination of the labels, dimension -> value. `changes` are known
    changes of candidates with their days; they come first if they explain the rise nearly as well as anything.
    """
    expected, spent = cell_sums(cells, spike)
    candidates = sorted({Candidate(*item) for each in labels for item in each.items()})
    members = {each: [labels_.get(each.dimension) == each.value for labels_ in labels] for each in candidates}
    known = {candidate for candidate, day in changes if abs(day - spike.began) <= CHANGE_DAYS}
    least = NEW_SHARE * float(expected.sum())
    causes = [
        _cause(each, float(expected[members[each]].sum()), float(spent[members[each]].sum()), least, each in known)
        for each in candidates
    ]
    rising = [each for each in causes if each.likelihood > 0]
    enough = CHANGE_SHARE * max((each.likelihood for each in rising), default=0.0)
    return sorted(rising, key=lambda each: (-(each.is_change and each.likelihood >= enough), -each.likelihood))


def _cause(candidate: Candidate, expected: float, spent: float, least: float, is_known: bool) -> Cause:
    floor = max(expected, least)
    gain = float(step_gain(np.array(spent), np.array(floor)))
    return Cause(candidate, expected, spent, is_known or expected < NEW_BEFORE * spent, gain)


def cell_sums(cells: Real, spike: Spike) -> tuple[Real, Real]:
    """Return what each cell usually costs in the days of the rise, and what it cost.

    Cells are too small to have weekdays of their own: all have those of their sum.
    """
    before = cells[:, max(0, spike.began - WEEKS * WEEK) : spike.began]
    usual = usual_days(before.sum(axis=0, keepdims=True))
    days = spike.found + 1 - spike.began
    weeks = before.shape[1] // WEEK
    levels = before[:, -weeks * WEEK :].sum(axis=1)
    share = levels / max(float(levels.sum()), 1e-9)
    return share * float(usual.expected(days).sum()), cells[:, spike.began : spike.found + 1].sum(axis=1)
