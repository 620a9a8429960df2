"""Roll-outs that chance gave to some teams and not to others: what each did to each outcome.

Each side is compared in the weeks after the roll-out, less what the weeks before foretell (CUPED). Which teams take
part follows from the weeks before alone: whatever the roll-out changed must not decide who is compared.
"""

from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Mask, Real
from workers.statistics.history import History
from workers.statistics.randomised import LEAST_TEAMS, Randomised, compare_randomised
from workers.statistics.study import HORIZON, Size, large_enough
from workers.statistics.verdict import Outcome, Verdict, cannot_tell, judge_estimate

# Weeks before the roll-out that foretell the weeks after it, and how many of them a team must have.
BEFORE = 26
LEAST_BEFORE = 4


@dataclass(frozen=True, slots=True)
class Trial:
    """A roll-out by chance: its first full week, as a place in the history, and the teams (teams,) of each side."""

    name: str
    week: int
    given: Mask
    held_back: Mask


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What was found of one outcome; None if it cannot be compared."""

    outcome: Outcome
    verdict: Verdict
    found: Randomised | None


@dataclass(frozen=True, slots=True)
class TrialEffects:
    """The effects of one roll-out by chance, the weeks and teams that are compared, and the teams that are left out."""

    trial: Trial
    weeks: int
    given: int
    held_back: int
    small: int
    too_early: int
    outcomes: tuple[TrialOutcome, ...]


def study_trial(trial: Trial, history: History, least: Size) -> TrialEffects:
    """Compare both sides in the weeks after the roll-out.

    Teams of unknown size or below `least` (by what they merged before) and teams without LEAST_BEFORE weeks are left
    out.
    """
    before = slice(max(0, trial.week - BEFORE), max(0, trial.week))
    after = slice(max(0, trial.week), trial.week + HORIZON)
    weeks = history.tokens[:, after].shape[1]
    known = history.observed[:, before].sum(axis=1)
    merged = history.outcomes[Outcome.MERGED][:, : before.stop].sum(axis=1)
    parts = trial.given | trial.held_back
    large = large_enough(history.people, merged, least) & ~np.isnan(history.people)
    kept = parts & large & (known >= LEAST_BEFORE)
    given = trial.given[kept]
    people = history.people[kept]
    studied = tuple(
        _study(
            outcome,
            values[kept, before].sum(axis=1) / (people * known[kept]),
            values[kept, after].sum(axis=1) / (people * max(weeks, 1)),
            given,
            weeks,
        )
        for outcome, values in history.outcomes.items()
    )
    return TrialEffects(
        trial,
        weeks,
        int(given.sum()),
        int((~given).sum()),
        int((parts & ~large).sum()),
        int((parts & large & ~kept).sum()),
        studied,
    )


def _study(outcome: Outcome, before: Real, after: Real, given: Mask, weeks: int) -> TrialOutcome:
    sides = int(given.sum()), int((~given).sum())
    if not weeks:
        return TrialOutcome(outcome, cannot_tell("no week of it is studied yet"), None)
    if min(sides) < LEAST_TEAMS:
        return TrialOutcome(outcome, cannot_tell(_too_few(*sides)), None)
    found = compare_randomised(before, after, given)
    if found is None:
        return TrialOutcome(outcome, cannot_tell("a side has nothing to compare"), None)
    return TrialOutcome(outcome, judge_estimate(outcome, found.effect), found)


def _too_few(given: int, held_back: int) -> str:
    few, kind = (given, "that were given it") if given < LEAST_TEAMS else (held_back, "that were held back")
    return f"{few} {'team' if few == 1 else 'teams'} {kind}".replace("1 team that were", "1 team that was")
