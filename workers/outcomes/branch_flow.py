"""When work merged into one branch reaches another: as near to a commit graph as deliveries allow. Pure.

A merge reaches its base branch at once. It goes on when a pull request from that branch is merged (a stack, or
`develop` into `main`), and into every branch created later (a release branch cut from the mainline). A branch with an
open pull request holds back its work until that is merged.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import NamedTuple, TypeAlias

# A branch as a hash; None is the unknown base of a pull request.
Branch: TypeAlias = bytes | None


class Passage(NamedTuple):
    """A pull request from one branch of a repository into another; `merged_at` is None if it is not merged."""

    head: bytes
    base: Branch
    opened_at: datetime
    ended_at: datetime | None
    merged_at: datetime | None


class Reach(NamedTuple):
    """When work arrives on each branch, and on any branch that the next release may be cut from."""

    branches: Mapping[Branch, datetime]
    anywhere: datetime | None


@dataclass(slots=True)
class _Events:
    """Events of one instant: merged pull requests and created branches."""

    merged: list[Passage] = field(default_factory=list)
    begun: list[bytes] = field(default_factory=list)


class BranchFlow:
    """How work moves between the branches of one repository.

    `begins` are the first sightings of branches that have releases. `sides` only maintain an earlier release, `mains`
    are the others.
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
        turns = defaultdict[datetime, _Events](_Events)
        for each in chain.from_iterable(self._from.values()):
            if each.merged_at is not None:
                turns[each.merged_at].merged.append(each)
        for branch, at in begins.items():
            turns[at].begun.append(branch)
        self._turns = sorted(turns.items())
        self._times = [at for at, _ in self._turns]
        self._known: dict[tuple[Branch, int], Mapping[Branch, datetime]] = {}

    def reach(self, base: Branch, merged_at: datetime) -> Reach:
        """Return when work merged into a branch at an instant arrives on each branch, and the earliest of these."""
        # Work merged between the same two events spreads alike.
        turn = (base, bisect_left(self._times, merged_at))
        if turn not in self._known:
            self._known[turn] = self._spread(*turn)
        branches = {**self._known[turn], base: merged_at}
        if base is None:
            # An unknown base is assumed to be a mainline, not a maintenance branch.
            branches |= dict.fromkeys(self._mains, merged_at)
        open_to = [at for branch, at in branches.items() if branch not in self._sides and not self._held(branch, at)]
        return Reach(branches, min(open_to, default=None))

    def _spread(self, base: Branch, turn: int) -> Mapping[Branch, datetime]:
        """Return where and when work on a branch arrives from the event at index `turn` on."""
        arrived: dict[Branch, datetime] = {}
        there: set[Branch] = {base}
        for at, events in self._turns[turn:]:
            # Events of one instant may lead through several branches.
            while new := self._reached(there, at, events):
                there |= new
                arrived.update(dict.fromkeys(new, at))
        return arrived

    def _reached(self, there: set[Branch], at: datetime, events: _Events) -> set[Branch]:
        """Return the branches that the work newly reaches by these events."""
        new = {each.base for each in events.merged if each.head in there}
        if events.begun and not all(self._held(branch, at) for branch in there):
            new.update(events.begun)
        return new - there

    def _held(self, branch: Branch, at: datetime) -> bool:
        """Return whether a pull request from the branch was open, or closed at that instant without a merge."""
        return any(
            each.opened_at <= at and (each.ended_at is None or at < each.ended_at)
            for each in self._from.get(branch, ())
        )
