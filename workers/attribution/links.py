"""Links the events of one agent session to each other's evidence.

An event names its own evidence only in part. A session's commits cut it into segments: tokens belong to the next commit
on their branch. After the last one they stay where the session was last seen. On a trunk, work begins before it has a
branch: tokens spent there belong to what came of it. Where a process began is known from its resource alone; it holds
until the session is seen elsewhere, and a trunk there says nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
# A session of which nothing else is seen stays with its last commit or pull request for so long. A branch ends with its
# pull request, but these do not.
_STAYS = timedelta(days=1)
_NOTHING = Evidence()


@dataclass(frozen=True, slots=True)
class Sighting:
    """Evidence of a session at an instant; `key` orders sightings at the same instant.

    `is_start`: it says only where a process of the session began, at the latest then. `is_exact`: it says when the
    session went there, as hooks do, and not only where it was then.
    """

    occurred_at: datetime
    key: bytes
    evidence: Evidence
    is_start: bool = False
    is_exact: bool = False


class Segment(NamedTuple):
    """The evidence that tokens are linked to from an instant up to the next segment."""

    begins_at: datetime
    evidence: Evidence


def evidence_over_time(
    owns: Iterable[Evidence], sightings: Iterable[Sighting], trunks: Trunks = NO_TRUNKS
) -> dict[Evidence, tuple[Segment, ...]]:
    """Return what events that name each evidence themselves are linked to, by time.

    `sightings` are all sightings of the session, including its events. Segments follow each other, the first from the
    beginning; neighbours differ.
    """
    ordered = in_order(sightings)
    trails: dict[bytes | None, tuple[Trail, list[datetime]]] = {}
    linked: dict[Evidence, tuple[Segment, ...]] = {}
    for own in owns:
        repository = own.repository
        if repository not in trails:
            trail = Trail(ordered, repository, trunks)
            # Evidence can change at each sighting and right after it, and a while after work.
            changes = {each.occurred_at + later for each in trail.seen for later in (timedelta(), _RIGHT_AFTER)}
            ends = {each.occurred_at + _STAYS for each in trail.seen if names_work(each.evidence)}
            trails[repository] = trail, sorted({BEGINNING, *changes, *ends})
        trail, instants = trails[repository]
        segments: list[Segment] = []
        for instant in instants:
            evidence = trail.complete(own, instant)
            if not segments or segments[-1].evidence != evidence:
                segments.append(Segment(instant, evidence))
        linked[own] = tuple(segments)
    return linked


def in_order(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Return sightings in time, without those that add nothing.

    The first process began before anything else was seen of its session.
    """
    ordered = sorted(sightings, key=_order)
    first = next((index for index, each in enumerate(ordered) if each.is_start), None)
    if first is not None:
        ordered.insert(0, replace(ordered.pop(first), occurred_at=BEGINNING))
    return _ends_of_runs(ordered)


class Trail:
    """The evidence of a session over time, as far as it concerns one repository, or any if that is None."""

    def __init__(self, sightings: Iterable[Sighting], repository: bytes | None, trunks: Trunks) -> None:
        self.seen = [each for each in sightings if _may_be(each, repository)]
        self._repository, self._trunks = repository, trunks
        self._repositories = _Timeline([each for each in self.seen if each.evidence.repository is not None])
        self._steps = _steps(self.seen)
        self._times = [each.occurred_at for each in self._steps]
        self._onward = self._left_for()
        self._works: dict[bytes | None, list[int]] = {}
        self._branches = _Timeline([each for each in self._steps if self._names_branch(each)])

    def complete(self, own: Evidence, instant: datetime) -> Evidence:
        """Return what an event of an instant that names evidence of its own is linked to."""
        work, branch = own, own.branch
        if not names_work(own):
            start = bisect_left(self._times, instant)
            branch = self._branch(own, instant, start)
            work = self._next_work(start, branch) or self._last_work(start, branch, instant) or _NOTHING
        return Evidence(
            artifact=work.artifact,
            number=work.number,
            commit=work.commit,
            branch=branch or work.branch or self._branches.last_until(instant).branch,
            repository=own.repository or work.repository or self._repositories.last_until(instant).repository,
        )

    def _branch(self, own: Evidence, instant: datetime, start: int) -> bytes | None:
        """Return the branch that work of an instant belongs to; None if any may be."""
        seen = self._seen_on(instant) if own.branch is None else Sighting(instant, b"", own)
        if seen is None:
            return None
        if self._is_trunk(seen):
            return self._onward[start] or (None if seen.is_start else seen.evidence.branch)
        if seen.is_start and start < len(self._steps) and names_work(self._steps[start].evidence):
            # It went there at some time before its first commit.
            return self._steps[start].evidence.branch or seen.evidence.branch
        return seen.evidence.branch

    def _seen_on(self, instant: datetime) -> Sighting | None:
        """Return the last sighting of a branch, or else the next one.

        A session may leave after a commit unseen: until it is seen to switch, it is open on which branch it is.
        """
        following = bisect_right(self._times, instant)
        last, later = (
            self._steps[index] if 0 <= index < len(self._steps) else None for index in (following - 1, following)
        )
        if last is not None and not names_work(last.evidence):
            return last
        if later is None or names_work(later.evidence):
            return None
        return last if last is not None and last.evidence.branch is not None and later.is_exact else later

    def _next_work(self, start: int, branch: bytes | None) -> Evidence | None:
        """Return the first commit, number or hash from that step on that fits the branch; any, without a branch."""
        if branch not in self._works:
            self._works[branch] = [
                index
                for index, each in enumerate(self._steps)
                if names_work(each.evidence) and (branch is None or each.evidence.branch in {None, branch})
            ]
        works = self._works[branch]
        index = bisect_left(works, start)
        return self._steps[works[index]].evidence if index < len(works) else None

    def _last_work(self, start: int, branch: bytes | None, instant: datetime) -> Evidence | None:
        """Return the work just before that step, where the session stays if nothing else is seen.

        If its branch is known, later tokens belong to the branch and not to the commit.
        """
        last = self._steps[start - 1].evidence if start else _NOTHING
        if not names_work(last) or (branch is not None and last.branch not in {None, branch}):
            return None
        if instant >= self._times[start - 1] + _STAYS:
            return None
        return last if last.branch is None and branch is None else last._replace(commit=None)

    def _left_for(self) -> list[bytes | None]:
        """Return, for each step and the end, the branch of the next step that leaves the trunk or is a commit."""
        onward: list[bytes | None] = [None]
        for each in reversed(self._steps):
            leaves = names_work(each.evidence) or not self._is_trunk(each)
            onward.append(each.evidence.branch if leaves else onward[-1])
        return onward[::-1]

    def _is_trunk(self, seen: Sighting) -> bool:
        repository = seen.evidence.repository or self._repository
        repository = repository or self._repositories.last_until(seen.occurred_at).repository
        return seen.evidence.branch in self._trunks.get(repository, frozenset())

    def _names_branch(self, step: Sighting) -> bool:
        return step.evidence.branch is not None and not (step.is_start and self._is_trunk(step))


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
    said = [(each.evidence, each.is_start) for each in known]
    return [
        each
        for index, each in enumerate(known)
        if not 0 < index < len(known) - 1 or not said[index - 1] == said[index] == said[index + 1]
    ]


def _steps(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Return sightings that name work or a branch; work without a branch was done on the last one seen.

    Where a process began says nothing of its later work.
    """
    steps: list[Sighting] = []
    branch: bytes | None = None
    for each in sightings:
        own = each.evidence
        if not each.is_start:
            branch = own.branch or branch
        if names_work(own):
            steps.append(replace(each, evidence=own._replace(branch=own.branch or branch)))
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
