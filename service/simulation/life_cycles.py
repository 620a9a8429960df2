"""Times of a pull request's commits, opening, reviews and end, drawn from a model."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from service.simulation.draws import Draws, to_working_time
from service.simulation.habits import Habits

DAY = timedelta(days=1)
SAME_DAY_SHARE = 0.5
OPENED_LAST_SHARE = 0.45
FOLLOWED_UP_SHARE = 0.4
MERGE_WAIT_HOURS, CLOSE_WAIT_HOURS = 14.0, 60.0


@dataclass(frozen=True, slots=True)
class LifeCycle:
    """Times of one pull request, in order; reviews lie between opening and closing."""

    commits: tuple[datetime, ...]
    opened_at: datetime
    reviewed_at: tuple[datetime, ...]
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a life cycle depends on: when and in which zone the work begins, and how it ends."""

    begins: datetime
    zone: float
    merged: bool
    background: bool
    habits: Habits


class LifeCycles(Protocol):
    """A source of life cycles."""

    def draw(self, draws: Draws, circumstances: Circumstances) -> LifeCycle:
        """Draw a life cycle; pure except for `draws`."""
        ...


class ModelledLifeCycles:
    """Commits follow each other within hours, or a day or several days later; a few pull requests last for weeks."""

    def draw(self, draws: Draws, circumstances: Circumstances) -> LifeCycle:
        """Draw a life cycle whose first commit is at `circumstances.begins`."""
        commits = _bouts(draws, circumstances)
        return finish(draws, circumstances, commits, closed_at=None)


def finish(
    draws: Draws, circumstances: Circumstances, commits: list[datetime], closed_at: datetime | None
) -> LifeCycle:
    """Draw opening and reviews for these commits, and the end if `closed_at` is None.

    The pull request opens minutes after a commit, often the last one. A commit follows some of the reviews.
    """
    last = draws.random() < OPENED_LAST_SHARE
    opened_with = commits[-1] if last else commits[draws.randrange(len(commits))]
    opened_at = opened_with + timedelta(minutes=draws.uniform(1, 20))
    if closed_at is None:
        hours = draws.heavy(MERGE_WAIT_HOURS if circumstances.merged else CLOSE_WAIT_HOURS, 0.9)
        ready = max(opened_at, commits[-1])
        closed_at = to_working_time(ready + timedelta(hours=hours), draws, circumstances.zone)
        reviewed_at = [ready + (closed_at - ready) * draws.uniform(0.05, 0.95) for _ in range(draws.count(1.3))]
        commits = sorted([*commits, *_follow_ups(draws, circumstances, reviewed_at, closed_at)])
    else:
        closed_at = max(closed_at, opened_at + timedelta(minutes=1))
        reviewed_at = [opened_at + (closed_at - opened_at) * draws.random() for _ in range(draws.count(1.3))]
    return LifeCycle(tuple(commits), opened_at, tuple(sorted(reviewed_at)), closed_at)


def _bouts(draws: Draws, circumstances: Circumstances) -> list[datetime]:
    habits = circumstances.habits
    count = max(1, round(draws.heavy(habits.commits_median, habits.commits_spread)))
    days = 4.0 if draws.random() < habits.long_lived_share else 0.9
    instants = [circumstances.begins]
    while len(instants) < count:
        if circumstances.background:
            instants.append(instants[-1] + timedelta(hours=draws.heavy(1.5, 0.8)))
            continue
        same_day = draws.random() < SAME_DAY_SHARE
        gap = timedelta(hours=draws.heavy(2.0, 0.8)) if same_day else DAY * draws.heavy(days, 0.6)
        instants.append(to_working_time(instants[-1] + gap, draws, circumstances.zone))
    return sorted(instants)


def _follow_ups(
    draws: Draws, circumstances: Circumstances, reviewed_at: list[datetime], closed_at: datetime
) -> list[datetime]:
    follow_ups = []
    for reviewed in reviewed_at:
        at = to_working_time(reviewed + timedelta(hours=draws.heavy(1.5, 0.8)), draws, circumstances.zone)
        if draws.random() < FOLLOWED_UP_SHARE and at < closed_at:
            follow_ups.append(at)
    return follow_ups
