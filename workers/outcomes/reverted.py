"""Finds merged pull requests that were reverted. Pure; independent of the order of reports.

A revert counts once it is merged, or pushed to the branch that the reverted pull request was merged into, until it is
reverted itself. A pull request that undoes part of its own work reverts nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class RevertSource(StrEnum):
    """What reverts something."""

    PULL_REQUEST = "pull_request"
    COMMIT = "commit"


class RevertTarget(StrEnum):
    """How a revert names what it reverts."""

    PULL_REQUEST = "pull_request"
    COMMIT = "commit"
    TITLE = "title"


class Merged(NamedTuple):
    """A merged pull request."""

    artifact_id: bytes
    opened_at: datetime
    merged_at: datetime
    base_branch: bytes | None


class RevertReport(NamedTuple):
    """What a pull request or pushed commit says it reverts; `branch` is empty for pull requests."""

    source_kind: str
    source: bytes
    target_kind: str
    target: bytes
    branch: bytes
    occurred_at: datetime


class Revert(NamedTuple):
    """When a pull request was reverted, and by which pull request; None for a commit on its own."""

    at: datetime
    by: bytes | None


class Edge(NamedTuple):
    """One pull request, or commit outside of pull requests, reverts another."""

    source: bytes
    target: bytes
    at: datetime
    by: bytes | None


@dataclass(frozen=True, slots=True)
class Holders:
    """Merged pull requests by id, by contained commit and by title."""

    merged: Mapping[bytes, Merged] = field(default_factory=dict)
    by_commit: Mapping[bytes, Sequence[Merged]] = field(default_factory=dict)
    by_title: Mapping[bytes, Sequence[Merged]] = field(default_factory=dict)

    def of_commit(self, commit: bytes) -> Merged | None:
        """Return the first merged pull request that contains the commit."""
        return min(self.by_commit.get(commit, ()), key=lambda each: (each.merged_at, each.artifact_id), default=None)

    def of_title(self, title: bytes, before: datetime) -> Merged | None:
        """Return the pull request of that title merged last before an instant."""
        called = [each for each in self.by_title.get(title, ()) if each.merged_at <= before]
        return max(called, key=lambda each: (each.merged_at, each.artifact_id), default=None)


def find_reverted(reported: Iterable[RevertReport], holders: Holders) -> dict[bytes, Revert]:
    """Return the reverted pull requests by artifact id."""
    reports = list(reported)
    void = {each.target for each in reports if _undoes_itself(each, holders)}
    edges = [
        edge
        for each in reports
        if each.source not in void and (edge := _edge(each, holders)) and edge.source != edge.target
    ]
    by_target = defaultdict[bytes, list[Edge]](list)
    for edge in edges:
        by_target[edge.target].append(edge)
    standing = _Standing(by_target)
    found = {target: standing.taken(target) for target in sorted(by_target) if target in holders.merged}
    return {target: revert for target, revert in found.items() if revert is not None}


class _Standing:
    """Finds reverts that are not reverted themselves, cached by target."""

    def __init__(self, by_target: Mapping[bytes, Sequence[Edge]]) -> None:
        self._by_target = by_target
        self._known: dict[bytes, Revert | None] = {}

    def taken(self, target: bytes) -> Revert | None:
        """Return the first standing revert of a target. Iterative, because chains of reverts may be long."""
        waiting = [target]
        while waiting:
            node = waiting[-1]
            edges = self._by_target.get(node, ())
            self._known.setdefault(node, None)  # a cycle of reverts counts as standing
            unknown = [edge.source for edge in edges if edge.source not in self._known]
            if unknown:
                waiting.extend(unknown)
                continue
            standing = [edge for edge in edges if self._known[edge.source] is None]
            first = min(standing, key=lambda edge: (edge.at, edge.source), default=None)
            self._known[node] = Revert(first.at, first.by) if first else None
            waiting.pop()
        return self._known[target]


def _undoes_itself(reported: RevertReport, holders: Holders) -> bool:
    """Return whether a commit reverts another of the same pull request, which then reverts nothing."""
    if reported.source_kind != RevertSource.COMMIT or reported.target_kind != RevertTarget.COMMIT:
        return False
    ours, theirs = holders.of_commit(reported.source), holders.of_commit(reported.target)
    return ours is not None and ours == theirs


def _edge(reported: RevertReport, holders: Holders) -> Edge | None:
    """Return the revert if it counts: never before the target was merged."""
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
    """Return the merged pull request that is or contains the source."""
    if reported.source_kind == RevertSource.PULL_REQUEST:
        return holders.merged.get(reported.source)
    return holders.of_commit(reported.source)


def _target(reported: RevertReport, holders: Holders, source: Merged | None) -> bytes | None:
    """Return the target: a pull request, or a commit that none is known to contain."""
    if reported.target_kind == RevertTarget.PULL_REQUEST:
        return reported.target
    if reported.target_kind == RevertTarget.COMMIT:
        holder = holders.of_commit(reported.target)
        return holder.artifact_id if holder else reported.target
    named = holders.of_title(reported.target, source.opened_at if source else reported.occurred_at)
    return named.artifact_id if named else None


def _is_pushed_onto(reported: RevertReport, merged: Merged | None) -> bool:
    """Return whether a commit without a pull request was pushed to the target's base branch."""
    return merged is None or merged.base_branch is None or merged.base_branch == reported.branch
