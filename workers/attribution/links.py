"""Links the events of one agent session to each other's evidence.

An event names its own evidence only in part. A session's commits cut it into segments: tokens belong to the next commit
on their branch. After the last commit they follow the branch and repository where the session was last seen. On a
trunk, work begins before it has a branch: tokens spent there belong to what came of it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from workers.attribution.model import Evidence

# Branches that pull requests merge into, by repository name; None holds those of any repository.
Trunks: TypeAlias = Mapping[bytes | None, frozenset[bytes]]
NO_TRUNKS: Trunks = MappingProxyType({})

# Earlier than any instant of an event.
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_RIGHT_AFTER = timedelta(microseconds=1)
_NOTHING = Evidence()


@dataclass(frozen=True, slots=True)
class Sighting:
    """Evidence of a session at an instant; `key` orders sightings at the same instant."""

    occurred_at: datetime
    key: bytes
    evidence: Evidence


class Segment(NamedTuple):
    """The evidence that tokens are linked to from an instant up to the next segment."""

    begins_at: datetime
    evidence: Evidence


def evidence_over_time(
    owns: Iterable[Evidence], sightings: Sequence[Sighting], trunks: Trunks = NO_TRUNKS
) -> dict[Evidence, tuple[Segment, ...]]:
    """Return what events that name each evidence themselves are linked to, by time.

    `sightings` are all sightings of the session, including its events. Segments follow each other, the first from the
    beginning; neighbours differ.
    """
    ordered = _ends_of_runs(sorted(sightings, key=_order))
    trails: dict[bytes | None, tuple[_Trail, list[datetime]]] = {}
    linked: dict[Evidence, tuple[Segment, ...]] = {}
    for own in owns:
        repository = own.repository
        if repository not in trails:
            seen = [each for each in ordered if _may_be(each, repository)]
            # Evidence can change at each sighting and right after it.
            changes = {each.occurred_at + later for each in seen for later in (timedelta(), _RIGHT_AFTER)}
            trails[repository] = _Trail(seen, trunks.get(repository, frozenset())), [BEGINNING, *sorted(changes)]
        trail, instants = trails[repository]
        segments: list[Segment] = []
        for instant in instants:
            evidence = trail.complete(Sighting(instant, b"", own))
            if not segments or segments[-1].evidence != evidence:
                segments.append(Segment(instant, evidence))
        linked[own] = tuple(segments)
    return linked


class _Trail:
    """The evidence of a session over time, as far as it concerns one repository."""

    def __init__(self, sightings: Sequence[Sighting], trunk: frozenset[bytes]) -> None:
        self._trunk = trunk
        self._steps = _steps(sightings)
        self._times = [each.occurred_at for each in self._steps]
        self._onward = self._left_for()
        self._works: dict[bytes | None, list[int]] = {}
        self._branches = _Timeline([each for each in sightings if each.evidence.branch is not None])
        self._repositories = _Timeline([each for each in sightings if each.evidence.repository is not None])

    def complete(self, event: Sighting) -> Evidence:
        own, instant = event.evidence, event.occurred_at
        work, branch = own, own.branch
        if not names_work(own):
            start = bisect_left(self._times, instant)
            branch = branch or self._seen_on(instant)
            if branch in self._trunk:
                branch = self._onward[start] or branch
            work = self._next_work(start, branch)
        return Evidence(
            artifact=work.artifact,
            number=work.number,
            commit=work.commit,
            branch=branch or work.branch or self._branches.last_until(instant).branch,
            repository=own.repository or work.repository or self._repositories.last_until(instant).repository,
        )

    def _seen_on(self, instant: datetime) -> bytes | None:
        """Return the branch last seen since the last commit, or else seen before the next one."""
        following = bisect_right(self._times, instant)
        for index in (following - 1, following):
            if 0 <= index < len(self._steps) and not names_work(self._steps[index].evidence):
                return self._steps[index].evidence.branch
        return None

    def _next_work(self, start: int, branch: bytes | None) -> Evidence:
        """Return the first commit, number or hash from that step on that fits the branch; any, without a branch."""
        if branch not in self._works:
            self._works[branch] = [
                index
                for index, each in enumerate(self._steps)
                if names_work(each.evidence) and (branch is None or each.evidence.branch in {None, branch})
            ]
        works = self._works[branch]
        index = bisect_left(works, start)
        return self._steps[works[index]].evidence if index < len(works) else Evidence()

    def _left_for(self) -> list[bytes | None]:
        """Return, for each step and the end, the branch of the next step that leaves the trunk or is a commit."""
        onward: list[bytes | None] = [None]
        for each in reversed(self._steps):
            leaves = names_work(each.evidence) or each.evidence.branch not in self._trunk
            onward.append(each.evidence.branch if leaves else onward[-1])
        return onward[::-1]


class _Timeline:
    """Evidence in the order it was seen."""

    def __init__(self, sightings: Sequence[Sighting]) -> None:
        self._times = [each.occurred_at for each in sightings]
        self._evidence = [each.evidence for each in sightings]

    def last_until(self, instant: datetime) -> Evidence:
        """Return the last evidence up to the instant, or else the first after it, or else empty evidence."""
        index = bisect_right(self._times, instant) - 1
        return self._evidence[max(index, 0)] if self._evidence else Evidence()


def _ends_of_runs(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Keep the first and last of consecutive equal sightings; those in between add nothing."""
    known = [each for each in sightings if each.evidence != _NOTHING]
    return [
        each
        for index, each in enumerate(known)
        if not 0 < index < len(known) - 1 or not known[index - 1].evidence == each.evidence == known[index + 1].evidence
    ]


def _steps(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Return sightings that name work or a branch; work without a branch was done on the last one seen."""
    steps: list[Sighting] = []
    branch: bytes | None = None
    for each in sightings:
        own = each.evidence
        branch = own.branch or branch
        if names_work(own):
            done = Evidence(own.artifact, own.number, own.commit, branch, own.repository)
            steps.append(Sighting(each.occurred_at, each.key, done))
        elif own.branch is not None:
            steps.append(each)
    return steps


def _order(sighting: Sighting) -> tuple[datetime, bytes]:
    return sighting.occurred_at, sighting.key


def names_work(evidence: Evidence) -> bool:
    """Return whether evidence is a commit, number or hash, which ends a segment."""
    return evidence.artifact is not None or evidence.number is not None or evidence.commit is not None


def _may_be(sighting: Sighting, repository: bytes | None) -> bool:
    """Return whether a sighting may concern a repository; one in another repository does not."""
    return repository is None or sighting.evidence.repository in {None, repository}
