"""Whose a commit is that was pushed to a branch: a branch belongs to the pull request that lives on it then."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

# Work lies on a branch at most this long before a pull request is opened from it.
BEFORE_OPENING = timedelta(days=30)
# A push and the end of a pull request that follows it may be told in the same moment.
SLACK = timedelta(minutes=1)


class BranchLife(NamedTuple):
    """A pull request while it lives on its branch; `ended_at` is its last merge or close."""

    artifact_id: bytes
    opened_at: datetime
    ended_at: datetime | None


def owners(pushed_at: datetime, lives: Iterable[BranchLife]) -> list[BranchLife]:
    """The pull requests that lived on the branch at that instant, or else the one that was opened on it next.

    Nobody when the next was opened more than `BEFORE_OPENING` later. One that was closed and reopened lived all along.
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
