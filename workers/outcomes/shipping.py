"""Which release shipped each pull request first, in each family of releases. Pure: the order of reports is irrelevant.

A release with a known list ships that list. Any other release ships what had reached its branch when its commit was
made there, or if that is unknown, when its tag was made. No two releases of a family ship the same pull request; the
earliest ships it. Every release counts, also prereleases: a full release then shows what no prerelease shipped before.
Drafts, deleted releases and alias tags (`v1`, `latest`) ship nothing; their pull requests belong to the next release.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from vocabulary.alias_tags import Tagged, find_aliases
from vocabulary.tag_names import is_patch, without_zeros
from workers.outcomes.branch_flow import Branch, BranchFlow, Passage

# A patch released within this time counts as a fix of the release.
FIX_WITHIN = timedelta(days=14)
SERIES = 2


class Merge(NamedTuple):
    """A merged pull request and the branch it was merged into."""

    artifact_id: bytes
    base: Branch
    merged_at: datetime


@dataclass(frozen=True, slots=True)
class Shipping:
    """A release that counts: published, a prerelease or a tag.

    `branch` and `reached_at` are the branch of its commit and when the commit arrived there, if both are known;
    `target` is the branch named by the forge, which may only be a default. `reported` are the pull requests listed by
    an import or the forge. A release without `family` was stored before families existed. `is_channel` is true for
    tags such as `latest`.
    """

    artifact_id: bytes
    family: bytes | None
    released_at: datetime
    tagged_at: datetime | None = None
    commit: bytes | None = None
    numbers: tuple[int, ...] = ()
    is_prerelease: bool = False
    is_channel: bool = False
    branch: bytes | None = None
    reached_at: datetime | None = None
    target: bytes | None = None
    reported: frozenset[bytes] | None = None

    @property
    def cut_at(self) -> datetime:
        """The end of the time in which work could get into it."""
        return self.reached_at or self.tagged_at or self.released_at

    @property
    def order(self) -> tuple[datetime, int, bytes]:
        """The sort key: of releases at one instant the most exact comes first, `v1.2.3` before the moving `v1`."""
        return self.released_at, -len(self.numbers), self.artifact_id

    def is_below(self, other: "Shipping") -> bool:
        """Return whether its version is lower."""
        return bool(self.numbers) and without_zeros(self.numbers) < without_zeros(other.numbers)


@dataclass(frozen=True, slots=True)
class Shipped:
    """The pull requests that each release ships, and the fix release of each release that has one."""

    pull_requests: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    fixes: Mapping[bytes, bytes] = field(default_factory=dict)


def ship(
    releases: Iterable[Shipping],
    merges: Sequence[Merge],
    passages: Sequence[Passage] = (),
    begins: Mapping[bytes, datetime] | None = None,
) -> Shipped:
    """Return what the releases of one repository ship; `begins` are the first sightings of their branches.

    Except for releases without family, families do not affect each other.
    """
    families = defaultdict[bytes | None, list[Shipping]](list)
    for release in sorted(releases, key=lambda release: release.order):
        families[release.family].append(release)
    shipped: dict[bytes, frozenset[bytes]] = {}
    fixes: dict[bytes, bytes] = {}
    unknown = families.get(None, [])
    for family, every in families.items():
        aliases = _aliases(every)
        shipped.update((artifact_id, frozenset[bytes]()) for artifact_id in aliases)
        own = [release for release in every if release.artifact_id not in aliases]
        if not own:
            continue
        members = own if family is None else sorted([*own, *unknown], key=lambda release: release.order)
        found = _ship_family(members, merges, passages, begins or {})
        shipped.update((release.artifact_id, frozenset(found[release.artifact_id])) for release in own)
        fixes.update(find_fixes(own))
    return Shipped(shipped, fixes)


def _aliases(family: Sequence[Shipping]) -> set[bytes]:
    """Return the tags of one family that move."""
    versions = [
        Tagged(each.artifact_id, each.numbers, each.commit, each.tagged_at or each.released_at)
        for each in family
        if each.numbers and not each.is_prerelease
    ]
    return find_aliases(versions) | {each.artifact_id for each in family if each.is_channel}


def _ship_family(
    ordered: Sequence[Shipping], merges: Sequence[Merge], passages: Iterable[Passage], begins: Mapping[bytes, datetime]
) -> dict[bytes, set[bytes]]:
    """Return what each release of one family ships, in the order of the releases."""
    # Events after the last release change nothing.
    last = max(max(release.released_at, release.cut_at) for release in ordered)
    early = [merge for merge in merges if merge.merged_at <= last]
    lines = _Lines(ordered, {merge.base for merge in early})
    flow = BranchFlow(passages, lines.begins(begins), lines.known - lines.sides, lines.sides)
    book = _Family(ordered, lines)
    shipped = {release.artifact_id: set(book.reported.get(release.artifact_id, ())) for release in ordered}
    for merge in early:
        if merge.artifact_id in book.listed:
            continue
        reach = flow.reach(merge.base, merge.merged_at)
        first = book.first(reach.branches, reach.anywhere)
        if first is not None:
            shipped[first].add(merge.artifact_id)
    return shipped


def find_fixes(releases: Sequence[Shipping]) -> dict[bytes, bytes]:
    """Return the first patch within FIX_WITHIN for each release of one family.

    A prerelease has no patches of its own; it is fixed by the patch of its release.
    """
    full = sorted((each for each in releases if each.numbers and not each.is_prerelease), key=lambda each: each.order)
    fixes: dict[bytes, bytes] = {}
    for position, release in enumerate(full):
        for later in full[position + 1 :]:
            if later.released_at > release.released_at + FIX_WITHIN:
                break
            if is_patch(later.numbers, release.numbers):
                fixes[release.artifact_id] = later.artifact_id
                break
    finals = {without_zeros(release.numbers): release.artifact_id for release in reversed(full)}
    for release in releases:
        final = finals.get(without_zeros(release.numbers)) if release.is_prerelease else None
        if final in fixes:
            fixes[release.artifact_id] = fixes[final]
    return fixes


class _Lines:
    """The branch that each release is assumed to lie on: one, any, or unknown."""

    def __init__(self, ordered: Sequence[Shipping], bases: Collection[Branch]) -> None:
        self._branch: dict[bytes, Branch] = {}
        self._lost: set[bytes] = set()
        series = defaultdict[bytes, set[tuple[int, ...]]](set)
        for release in ordered:
            if release.branch is not None:
                series[release.branch].add(release.numbers[:SERIES])
        # A branch with several series and no pull requests into it: work gets there in unknown ways.
        unseen = {branch for branch, released in series.items() if branch not in bases and len(released) > 1}
        sides: set[bytes] = set()
        self._cut_from: dict[bytes, datetime] = {}
        latest: dict[tuple[int, ...], Shipping] = {}
        leader: Shipping | None = None
        for release in ordered:
            maintains = leader is not None and release.is_below(leader)
            branch = release.branch or self._by_target(release, bases, leader if maintains else None)
            self._branch[release.artifact_id] = None if branch in unseen else branch
            if maintains and branch is None:
                self._lost.add(release.artifact_id)
            if maintains and branch is not None:
                sides.add(branch)
            if not maintains and release.numbers and not release.is_prerelease:
                leader = release
            self._record_patch(release, latest.get(release.numbers[:SERIES]))
            latest[release.numbers[:SERIES]] = release
        self.sides = frozenset(sides) - {None if leader is None else self._branch[leader.artifact_id]}
        self.known = frozenset(branch for branch in self._branch.values() if branch is not None)

    def of(self, release: Shipping) -> Branch:
        """Return the branch of a release, or None for any."""
        return self._branch[release.artifact_id]

    def begins(self, seen: Mapping[bytes, datetime]) -> dict[bytes, datetime]:
        """Return when each branch began: first seen, or when the release that it patches was cut."""
        known = {branch: at for branch, at in seen.items() if branch in self.known}
        return known | {each: min(at, seen.get(each, at)) for each, at in self._cut_from.items()}

    def is_lost(self, release: Shipping) -> bool:
        """Return whether it maintains an earlier release on an unknown branch."""
        return release.artifact_id in self._lost

    def _record_patch(self, release: Shipping, before: Shipping | None) -> None:
        """Record that a branch that patches a release of another branch began at that release."""
        branch = self._branch[release.artifact_id]
        if before is None or branch is None or self._branch[before.artifact_id] == branch:
            return
        if is_patch(release.numbers, before.numbers):
            self._cut_from[branch] = min(before.cut_at, self._cut_from.get(branch, before.cut_at))

    def _by_target(self, release: Shipping, bases: Collection[Branch], leader: Shipping | None) -> Branch:
        """Return the target if it is meaningful: forges fill in the default branch for tags made elsewhere."""
        if release.target not in bases:
            return None
        if leader is not None and release.target in {self._branch[leader.artifact_id], leader.target}:
            return None
        return release.target


class _Cut(NamedTuple):
    """A release, its place in the order of its family, and the end of the time in which work could get into it."""

    at: datetime
    place: int
    release: Shipping


class _Family:
    """The releases of one family, indexed to find which shipped a pull request first."""

    def __init__(self, ordered: Sequence[Shipping], lines: _Lines) -> None:
        self.reported: dict[bytes, frozenset[bytes]] = {}
        self.listed: set[bytes] = set()
        computed = defaultdict[Branch, list[_Cut]](list)
        for place, release in enumerate(ordered):
            if release.reported is not None:
                self.reported[release.artifact_id] = release.reported - self.listed
                self.listed |= release.reported
            if not lines.is_lost(release):
                computed[lines.of(release)].append(_Cut(release.cut_at, place, release))
        self._cuts: dict[Branch, list[datetime]] = {}
        self._firsts: dict[Branch, list[_Cut]] = {}
        for branch, cuts in computed.items():
            cuts.sort(key=lambda cut: (cut.at, cut.place))
            self._cuts[branch] = [cut.at for cut in cuts]
            self._firsts[branch] = _running_first(cuts)

    def first(self, branches: Mapping[Branch, datetime], anywhere: datetime | None) -> bytes | None:
        """Return the release that first ships unlisted work that reached these branches; None without one.

        Work that reached a release with a known list without being listed is not left to the next release.
        """
        found = [self._from(branch, at) for branch, at in branches.items() if branch is not None]
        if anywhere is not None:
            found.append(self._from(None, anywhere))
        first = min((each for each in found if each is not None), default=None, key=_place)
        return None if first is None or first.release.reported is not None else first.release.artifact_id

    def _from(self, branch: Branch, at: datetime) -> _Cut | None:
        """Return the first release, in order, made on a branch at or after an instant."""
        position = bisect_left(self._cuts.get(branch, []), at)
        return self._firsts[branch][position] if branch in self._firsts and position < len(self._cuts[branch]) else None


_place = attrgetter("place")


def _running_first(cuts: Sequence[_Cut]) -> list[_Cut]:
    """Return at each position the first release, in order, from there on."""
    firsts = list(cuts)
    for position in range(len(firsts) - 2, -1, -1):
        firsts[position] = min(firsts[position], firsts[position + 1], key=_place)
    return firsts
