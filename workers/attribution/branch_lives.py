"""Assigns commits pushed to a branch to the pull request that lived on it then."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

# Work lies on a branch at most this long before its pull request is opened.
BEFORE_OPENING = timedelta(days=30)
# A push and the end of its pull request may be reported at the same moment.
SLACK = timedelta(minutes=1)


class BranchLife(NamedTuple):
    """A pull request's life on its branch; `ended_at` is its last merge or close."""

    artifact_id: bytes
    opened_at: datetime
    ended_at: datetime | None


def owners(pushed_at: datetime, lives: Iterable[BranchLife]) -> list[BranchLife]:
    """Return the pull requests alive on the branch at that instant, or else the next one opened on it.

    Empty if the next was opened more than `BEFORE_OPENING` later. A reopened one counts as alive throughout.
    """
    known = sorted(lives, key=lambda life: (life.opened_at, life.artifact_id))
    living = [
        life
        for life in known
        if life.opened_at <= pushed_at and (life.ended_at is None or pushed_at <= life.ended_at + SLACK)
    ]
    if living:
        return living
    return [life for life in known if pushed_at < life.opened_at <= pushed_at + BEFORE_OPENING][:1]
