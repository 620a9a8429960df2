"""Where the own requests of a Codex session begin: forks and sub-agents repeat what their parents counted.

A fork begins with a copy of its parent's history, whose times may be the parent's or that of the fork. The copy ends

1. where the file says so: at `subagent_history_start_ordinal`;
2. else behind the counts that stand in the parent's file, too, in the same order, up to the time of the fork;
3. else, if the parent's file is gone, behind the counts that are older than the fork or were written with it at once.

A sub-agent without a copy of the history counts from zero, so all its counts are its own.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from service.imports.transcripts.git_marks import GitMark

# A copy is written within this time of the fork. The first response of a model may come sooner, so this alone decides
# nothing.
WRITTEN_WITHIN = timedelta(seconds=60)
# Counts of one copy follow each other faster than a model responds.
AT_ONCE = timedelta(milliseconds=500)
BEGINS_WITHIN = timedelta(seconds=5)
NO_RESPONSE_BEFORE = timedelta(seconds=1)


class UsageCount(NamedTuple):
    """What a session had used at an instant: in all, and for its last request, each as input, cache and output."""

    occurred_at: datetime | None
    ordinal: int | None
    model: str
    total: tuple[int, ...] | None
    last: tuple[int, ...] | None

    @property
    def usage(self) -> tuple[object, object]:
        """What a copy repeats exactly."""
        return self.total, self.last


@dataclass
class Rollout:
    """A session and its counts. `own_ordinal` is that of the first record that is not a copy of the parent's."""

    thread: str
    parent: str | None = None
    created_at: datetime | None = None
    own_ordinal: int | None = None
    folder: str | None = None
    repository: str | None = None
    branch: str | None = None
    counts: list[UsageCount] = field(default_factory=list)
    marks: list[GitMark] = field(default_factory=list)


def first_own(rollout: Rollout, parent: Rollout | None) -> int:
    """Return how many counts of a session come from its parent."""
    if not rollout.parent:
        return 0
    if rollout.own_ordinal is not None and any(each.ordinal is not None for each in rollout.counts):
        own = rollout.own_ordinal
        return sum(each.ordinal is not None and each.ordinal < own for each in rollout.counts)
    if parent is not None and (copied := _copied(rollout, parent)):
        return copied
    return _written_at_once(rollout)


def _copied(rollout: Rollout, parent: Rollout) -> int:
    """Return how many counts at the beginning stand in the parent's file, in the same order."""
    created = rollout.created_at
    known = [each.usage for each in parent.counts if not (created and each.occurred_at) or each.occurred_at <= created]
    copied = place = 0
    for each in rollout.counts:
        if created and each.occurred_at and each.occurred_at > created + WRITTEN_WITHIN:
            break
        try:
            place = known.index(each.usage, place) + 1
        except ValueError:
            break
        copied += 1
    return copied


def _written_at_once(rollout: Rollout) -> int:
    """Return how many counts are older than the session, or were written with it."""
    created = rollout.created_at
    if created is None:
        return 0
    copied = 0
    before: datetime | None = None
    for number, each in enumerate(rollout.counts, start=1):
        at = each.occurred_at
        follows = before is not None and at is not None and at - before <= AT_ONCE
        if at is None or at <= created + NO_RESPONSE_BEFORE or follows or _begins_a_copy(rollout, number, created):
            copied, before = number, at
        else:
            break
    return copied


def _begins_a_copy(rollout: Rollout, number: int, created: datetime) -> bool:
    """Return whether the first count is followed at once: a single early count may be the session's own."""
    if number > 1 or len(rollout.counts) == 1:
        return False
    first, second = rollout.counts[0].occurred_at, rollout.counts[1].occurred_at
    if first is None or second is None:
        return False
    return first <= created + BEGINS_WITHIN and second - first <= AT_ONCE
