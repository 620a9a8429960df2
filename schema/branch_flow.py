"""When what was merged into one branch reaches another: the nearest to a commit graph that deliveries tell. Pure.

A merge reaches its own base branch at once. It goes on where a pull request from that branch is merged (a stack, or
`develop` into `main`), and into every branch that begins later (a release branch cut from the mainline). A branch with
an open pull request of its own holds its work back until that is merged.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from heapq import heappop, heappush
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
        self._begins = dict(begins)
        self._mains, self._sides = frozenset(mains), frozenset(sides)
        merges = (each.merged_at for every in self._from.values() for each in every if each.merged_at is not None)
        self._turns = sorted({*merges, *self._begins.values()})
        self._known: dict[tuple[Branch, int], Mapping[Branch, datetime]] = {}

    def reach(self, base: Branch, merged_at: datetime) -> Reach:
        """Where work merged into a branch at an instant arrives, and when first."""
        # Whatever was merged between the same two turns goes on alike.
        turn = (base, bisect_left(self._turns, merged_at))
        if turn not in self._known:
            self._known[turn] = self._spread(base, merged_at)
        branches = {**self._known[turn], base: merged_at}
        if base is None:
            # Untold, it is a mainline rather than a branch that only maintains something.
            branches |= dict.fromkeys(self._mains, merged_at)
        open_to = [at for branch, at in branches.items() if branch not in self._sides and not self._held(branch, at)]
        return Reach(branches, min(open_to, default=None))

    def _spread(self, base: Branch, merged_at: datetime) -> Mapping[Branch, datetime]:
        arrived: dict[Branch, datetime] = {}
        # The second entry only keeps branches, of which one may be None, from being compared.
        waiting: list[tuple[datetime, int, Branch]] = [(merged_at, 0, base)]
        while waiting:
            at, _, branch = heappop(waiting)
            if branch in arrived:
                continue
            arrived[branch] = at
            for passage in self._from.get(branch, ()):
                if passage.merged_at is not None and passage.merged_at >= at and passage.base not in arrived:
                    heappush(waiting, (passage.merged_at, len(waiting), passage.base))
            for begun, begins_at in self._begins.items():
                if begins_at >= at and begun not in arrived and not self._held(branch, begins_at):
                    heappush(waiting, (begins_at, len(waiting), begun))
        return arrived

    def _held(self, branch: Branch, at: datetime) -> bool:
        """Whether a pull request from the branch was open then, or was closed in that instant without a merge."""
        return any(
            each.opened_at <= at and (each.ended_at is None or at < each.ended_at)
            for each in self._from.get(branch, ())
        )
