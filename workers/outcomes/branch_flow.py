"""When what was merged into one branch reaches another: the nearest to a commit graph that deliveries tell. Pure.

A merge reaches its own base branch at once. It goes on where a pull request from that branch is merged (a stack, or
`develop` into `main`), and into every branch that begins later (a release branch cut from the mainline). A branch with
an open pull request of its own holds its work back until that is merged.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import NamedTuple, TypeAlias

# A branch as a hash; None is the base of a pull request that nobody told.
Branch: TypeAlias = bytes | None


class Passage(NamedTuple):
    """A pull request from one branch of a repository into another; `merged_at` None while it is not merged."""

    head: bytes
    base: Branch
    opened_at: datetime
    ended_at: datetime | None
    merged_at: datetime | None


class Reach(NamedTuple):
    """When something is on each branch, and when it is on any that is open to the next release."""

    branches: Mapping[Branch, datetime]
    anywhere: datetime | None


@dataclass(slots=True)
class _Turn:
    """What happens in one instant: pull requests merged, and branches begun."""

    merged: list[Passage] = field(default_factory=list)
    begun: list[bytes] = field(default_factory=list)


class BranchFlow:
    """How work moves between the branches of one repository.

    `begins` tells when branches that releases are made on were first seen. `sides` are those that only maintain an
    earlier release, `mains` the others.
    """

    def __init__(
        self,
        passages: Iterable[Passage],
        begins: Mapping[bytes, datetime],
        mains: Collection[bytes],
        sides: Collection[bytes],
    ) -> None:
        self._from = defaultdict[Branch, list[Passage]](list)
        for passage in passages:
            if passage.head != passage.base:
                self._from[passage.head].append(passage)
        self._mains, self._sides = frozenset(mains), frozenset(sides)
        turns = defaultdict[datetime, _Turn](_Turn)
        for each in chain.from_iterable(self._from.values()):
            if each.merged_at is not None:
                turns[each.merged_at].merged.append(each)
        for branch, at in begins.items():
            turns[at].begun.append(branch)
        self._turns = sorted(turns.items())
        self._times = [at for at, _ in self._turns]
        self._known: dict[tuple[Branch, int], Mapping[Branch, datetime]] = {}

    def reach(self, base: Branch, merged_at: datetime) -> Reach:
        """Where work merged into a branch at an instant arrives, and when first."""
        # Whatever was merged between the same two turns goes on alike.
        turn = (base, bisect_left(self._times, merged_at))
        if turn not in self._known:
            self._known[turn] = self._spread(*turn)
        branches = {**self._known[turn], base: merged_at}
        if base is None:
            # Untold, it is a mainline rather than a branch that only maintains something.
            branches |= dict.fromkeys(self._mains, merged_at)
        open_to = [at for branch, at in branches.items() if branch not in self._sides and not self._held(branch, at)]
        return Reach(branches, min(open_to, default=None))

    def _spread(self, base: Branch, turn: int) -> Mapping[Branch, datetime]:
        """Where work on a branch goes on to, from a turn on."""
        arrived: dict[Branch, datetime] = {}
        there: set[Branch] = {base}
        for at, events in self._turns[turn:]:
            # What happens in one instant may lead from one branch to the next and on.
            while new := self._taken_on(there, at, events):
                there |= new
                arrived.update(dict.fromkeys(new, at))
        return arrived

    def _taken_on(self, there: set[Branch], at: datetime, events: _Turn) -> set[Branch]:
        """Branches that the work is not on yet and that take it on in that instant."""
        new = {each.base for each in events.merged if each.head in there}
        if events.begun and not all(self._held(branch, at) for branch in there):
            new.update(events.begun)
        return new - there

    def _held(self, branch: Branch, at: datetime) -> bool:
        """Whether a pull request from the branch was open then, or was closed in that instant without a merge."""
        return any(
            each.opened_at <= at and (each.ended_at is None or at < each.ended_at)
            for each in self._from.get(branch, ())
        )
