"""What the events of one agent session tell about each other.

An event names its own evidence at best partly. A session's commits cut it into segments: tokens belong to the next
commit. After the last commit they follow the branch and the repository that the session was last seen on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from workers.attribution.model import Evidence


@dataclass(frozen=True, slots=True)
class Sighting:
    """That a session was known by this evidence at an instant; `key` orders what happened at the same instant."""

    occurred_at: datetime
    key: bytes
    evidence: Evidence


def link_session(events: Iterable[Sighting], marks: Iterable[Sighting]) -> dict[bytes, Evidence]:
    """The evidence of each event, by its key.

    `events` are the session's token events, `marks` what else was seen of the session: commits made, branches worked
    on. What an event itself names always stands.
    """
    known = sorted(events, key=_order)
    sightings = sorted([*known, *marks], key=_order)
    trails: dict[bytes | None, _Trail] = {}
    linked: dict[bytes, Evidence] = {}
    for event in known:
        repository = event.evidence.repository
        if repository not in trails:
            trails[repository] = _Trail([each for each in sightings if _may_be(each, repository)])
        linked[event.key] = trails[repository].complete(event)
    return linked


class _Trail:
    """What a session was known by over time, as far as it concerns one repository."""

    def __init__(self, sightings: Sequence[Sighting]) -> None:
        self._work = _Timeline([each for each in sightings if _names_work(each.evidence)])
        self._branches = _Timeline([each for each in sightings if each.evidence.branch is not None])
        self._repositories = _Timeline([each for each in sightings if each.evidence.repository is not None])

    def complete(self, event: Sighting) -> Evidence:
        own, instant = event.evidence, event.occurred_at
        work = self._work.next_from(instant)
        # The name of what came next must not outrank what the event names itself.
        named = own if _names_work(own) else work
        return Evidence(
            artifact=named.artifact,
            number=named.number,
            commit=named.commit,
            branch=own.branch or work.branch or self._branches.last_until(instant).branch,
            repository=own.repository or work.repository or self._repositories.last_until(instant).repository,
        )


class _Timeline:
    """Evidence in the order in which it was seen."""

    def __init__(self, sightings: Sequence[Sighting]) -> None:
        self._times = [each.occurred_at for each in sightings]
        self._evidence = [each.evidence for each in sightings]

    def next_from(self, instant: datetime) -> Evidence:
        """The first at the instant or after it, else none."""
        index = bisect_left(self._times, instant)
        return self._evidence[index] if index < len(self._evidence) else Evidence()

    def last_until(self, instant: datetime) -> Evidence:
        """The last at the instant or before it, else the first after it, else none."""
        index = bisect_right(self._times, instant) - 1
        return self._evidence[max(index, 0)] if self._evidence else Evidence()


def _order(sighting: Sighting) -> tuple[datetime, bytes]:
    return sighting.occurred_at, sighting.key


def _names_work(evidence: Evidence) -> bool:
    """A commit, a number or a hash ends a segment: what came before it since the last was for it."""
    return evidence.artifact is not None or evidence.number is not None or evidence.commit is not None


def _may_be(sighting: Sighting, repository: bytes | None) -> bool:
    """A sighting in another repository tells nothing about an event of this one."""
    return repository is None or sighting.evidence.repository in {None, repository}
