"""Which merged pull requests were taken back, given who says so: pure, whatever the order of telling.

A revert counts once it is merged, or pushed to the branch that the reverted pull request was merged into; and it counts
no longer once it is taken back itself. A pull request that undoes a part of its own work takes nothing back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from schema.kinds import RevertSource, RevertTarget


class Merged(NamedTuple):
    """A merged pull request."""

    artifact_id: bytes
    opened_at: datetime
    merged_at: datetime
    base_branch: bytes | None


class RevertReport(NamedTuple):
    """What a pull request or a pushed commit says it takes back; `branch` is empty for pull requests."""

    source_kind: str
    source: bytes
    target_kind: str
    target: bytes
    branch: bytes
    occurred_at: datetime


class Taken(NamedTuple):
    """When a pull request was taken back, and by which, None for a commit on its own."""

    at: datetime
    by: bytes | None


class Edge(NamedTuple):
    """One thing takes back another; both are pull requests, or commits that none holds."""

    source: bytes
    target: bytes
    at: datetime
    by: bytes | None


@dataclass(frozen=True, slots=True)
class Holders:
    """Merged pull requests by id, those that hold a commit, and those of a title."""

    merged: Mapping[bytes, Merged] = field(default_factory=dict)
    by_commit: Mapping[bytes, Sequence[Merged]] = field(default_factory=dict)
    by_title: Mapping[bytes, Sequence[Merged]] = field(default_factory=dict)

    def of_commit(self, commit: bytes) -> Merged | None:
        """Of several that hold it, the first merged brought it in."""
        return min(self.by_commit.get(commit, ()), key=lambda each: (each.merged_at, each.artifact_id), default=None)

    def of_title(self, title: bytes, before: datetime) -> Merged | None:
        """Of several so called, the last that was merged until then."""
        called = [each for each in self.by_title.get(title, ()) if each.merged_at <= before]
        return max(called, key=lambda each: (each.merged_at, each.artifact_id), default=None)


def find_reverted(reported: Iterable[RevertReport], holders: Holders) -> dict[bytes, Taken]:
    """The pull requests that are taken back, by artifact id."""
    said = list(reported)
    void = {each.target for each in said if _undoes_itself(each, holders)}
    edges = [
        edge
        for each in said
        if each.source not in void and (edge := _edge(each, holders)) and edge.source != edge.target
    ]
    by_target = defaultdict[bytes, list[Edge]](list)
    for edge in edges:
        by_target[edge.target].append(edge)
    standing = _Standing(by_target)
    found = {target: standing.taken(target) for target in sorted(by_target) if target in holders.merged}
    return {target: taken for target, taken in found.items() if taken is not None}


class _Standing:
    """What takes something back and is not taken back itself; asked for each thing once."""

    def __init__(self, by_target: Mapping[bytes, Sequence[Edge]]) -> None:
        self._by_target = by_target
        self._known: dict[bytes, Taken | None] = {}

    def taken(self, target: bytes) -> Taken | None:
        """The first that stands. Followed without recursion, since reverts of reverts may be many."""
        waiting = [target]
        while waiting:
            node = waiting[-1]
            edges = self._by_target.get(node, ())
            self._known.setdefault(node, None)  # what takes itself back in a circle counts as standing
            unknown = [edge.source for edge in edges if edge.source not in self._known]
            if unknown:
                waiting.extend(unknown)
                continue
            standing = [edge for edge in edges if self._known[edge.source] is None]
            first = min(standing, key=lambda edge: (edge.at, edge.source), default=None)
            self._known[node] = Taken(first.at, first.by) if first else None
            waiting.pop()
        return self._known[target]


def _undoes_itself(reported: RevertReport, holders: Holders) -> bool:
    """Whether a commit takes back another of the same pull request, which then takes nothing back any more."""
    if reported.source_kind != RevertSource.COMMIT or reported.target_kind != RevertTarget.COMMIT:
        return False
    ours, theirs = holders.of_commit(reported.source), holders.of_commit(reported.target)
    return ours is not None and ours == theirs


def _edge(reported: RevertReport, holders: Holders) -> Edge | None:
    """What takes back what, once it counts: never before what is taken back was merged itself."""
    source = _source(reported, holders)
    target = _target(reported, holders, source)
    if target is None:
        return None
    merged = holders.merged.get(target)
    if source is not None:
        at, node, by = source.merged_at, source.artifact_id, source.artifact_id
    elif reported.source_kind == RevertSource.COMMIT and _is_pushed_onto(reported, merged):
        at, node, by = reported.occurred_at, reported.source, None
    else:
        return None
    return None if merged is not None and at < merged.merged_at else Edge(node, target, at, by)


def _source(reported: RevertReport, holders: Holders) -> Merged | None:
    """The merged pull request that says so, or that holds the commit that does."""
    if reported.source_kind == RevertSource.PULL_REQUEST:
        return holders.merged.get(reported.source)
    return holders.of_commit(reported.source)


def _target(reported: RevertReport, holders: Holders, source: Merged | None) -> bytes | None:
    """What is meant: a pull request, or a commit that none is known to hold."""
    if reported.target_kind == RevertTarget.PULL_REQUEST:
        return reported.target
    if reported.target_kind == RevertTarget.COMMIT:
        holder = holders.of_commit(reported.target)
        return holder.artifact_id if holder else reported.target
    named = holders.of_title(reported.target, source.opened_at if source else reported.occurred_at)
    return named.artifact_id if named else None


def _is_pushed_onto(reported: RevertReport, merged: Merged | None) -> bool:
    """Whether a commit without a pull request went straight to where the work is; elsewhere it is only an attempt."""
    return merged is None or merged.base_branch is None or merged.base_branch == reported.branch
