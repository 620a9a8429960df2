"""Resolves a window's hashes to a pull request or a pool: strongest evidence first, else the next weaker."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from workers.attribution.model import (
    ARTIFACT,
    BRANCH,
    COHORT,
    COMMIT,
    NO_EVIDENCE,
    REPOSITORY,
    Evidence,
    Facts,
    PullRequest,
    Window,
)

# Work on a branch counts this long before its pull request is opened.
OPENING_HORIZON = timedelta(days=30)
# Branches pushed by one command reach the forge within this time of each other.
TOGETHER = timedelta(minutes=1)
HOUR = timedelta(hours=1)

Repositories: TypeAlias = frozenset[bytes]


class Link(NamedTuple):
    """All tokens of the window belong to one pull request."""

    evidence: str
    artifact_id: bytes


class Pool(NamedTuple):
    """Tokens are split over the pull requests of these repositories or, when None, over the team's."""

    evidence: str
    repositories: Repositories | None


class Explored(NamedTuple):
    """Work on a trunk that led to no pull request: all tokens of the window are overhead."""

    evidence: str = NO_EVIDENCE


class EvidenceIndex:
    """The facts of some days of a team, indexed by hash."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._by_artifact = {pull_request.artifact_id: pull_request for pull_request in facts.pull_requests}
        self._by_number = defaultdict[bytes, list[PullRequest]](list)
        self._by_branch = defaultdict[bytes, list[PullRequest]](list)
        for pull_request in facts.pull_requests:
            self._by_number[pull_request.number].append(pull_request)
            if pull_request.head_branch is not None:
                self._by_branch[pull_request.head_branch].append(pull_request)
        self._trunks = trunks_of(facts.pull_requests) if facts.trunks is None else facts.trunks

    def match(self, window: Window) -> Link | Explored | Pool:
        """Return the strongest evidence of the window that resolves."""
        evidence, hour = window.evidence, window.hour
        repositories = self._resolve(evidence.repository)
        if found := self._named(evidence, repositories):
            return Link(ARTIFACT, found.artifact_id)
        if found := self._holding(evidence.commit, hour):
            return Link(COMMIT, found.artifact_id)
        if found := self._on_branch(evidence.branch, repositories, hour):
            return Link(BRANCH, found.artifact_id)
        if self._is_trunk(evidence.branch, repositories):
            return Explored()
        # An unknown repository is ignored. A known one keeps its tokens out of other pull requests, even when none of
        # its own is active.
        return Pool(REPOSITORY, repositories) if repositories else Pool(COHORT, None)

    def members(self, pool: Pool) -> list[PullRequest]:
        """Return the pull requests that share a pool's tokens; one from a fork belongs to both repositories."""
        if pool.repositories is None:
            return [pull_request for pull_request in self._facts.pull_requests if pull_request.in_team]
        return [
            pull_request
            for pull_request in self._facts.pull_requests
            if pull_request.repository_id in pool.repositories or pull_request.head_repository_id in pool.repositories
        ]

    def _resolve(self, repository: bytes | None) -> Repositories | None:
        """Return None without a repository; empty when no forge reported it."""
        return None if repository is None else self._facts.repositories.get(repository, frozenset())

    def _named(self, evidence: Evidence, repositories: Repositories | None) -> PullRequest | None:
        """Return the pull request that the client named by hash, or by number within the repository."""
        if evidence.artifact is not None and evidence.artifact in self._by_artifact:
            return self._by_artifact[evidence.artifact]
        if evidence.number is None:
            return None
        numbered = self._by_number.get(evidence.number, [])
        if repositories is not None:
            # In a clone of a fork, the number still refers to the repository where the pull request was opened.
            numbered = [each for each in numbered if each.repository_id in repositories] or [
                each for each in numbered if each.head_repository_id in repositories
            ]
        return numbered[0] if len(numbered) == 1 else None

    def _holding(self, commit: bytes | None, hour: datetime) -> PullRequest | None:
        """Return the pull request that introduced a commit: the first of those that contain it.

        Branches pushed together contain it at once; then the lowest in their stack counts, else the one opened first.
        Pull requests that ended before that hour count only if there are no others.
        """
        if commit is None:
            return None
        since = self._facts.commits.get(commit, {})
        known = (self._by_artifact[artifact_id] for artifact_id in since if artifact_id in self._by_artifact)
        holders = [each for each in known if not self._is_carrier(each)]
        if not holders:
            return None
        alive = [each for each in holders if _not_ended(each, hour)] or holders
        first = min(since[each.artifact_id] for each in alive)
        introduced = [each for each in alive if since[each.artifact_id] <= first + TOGETHER]
        lowest = [each for each in introduced if not any(_is_stacked_on(each, other) for other in introduced)]
        return _earliest(lowest or introduced)

    def _on_branch(self, branch: bytes | None, repositories: Repositories | None, hour: datetime) -> PullRequest | None:
        """Return the pull request alive on the branch in that hour, or else the next one opened on it.

        A pull request that carries a whole trunk to another branch, as in deployments, does not count.
        """
        if branch is None:
            return None
        alive = [
            each
            for each in self._by_branch.get(branch, [])
            if _not_ended(each, hour) and each.opened_at < hour + HOUR + OPENING_HORIZON and not self._is_carrier(each)
        ]
        if repositories is None:
            # Without a repository, a branch name used in two repositories is ambiguous.
            candidates = [each for each in alive if branch != each.base_branch]
            return _earliest(candidates) if len({each.repository_id for each in candidates}) == 1 else None
        return _earliest(
            [each for each in alive if each.head_repository_id in repositories]
            or [each for each in alive if each.repository_id in repositories and branch != each.base_branch]
        )

    def _is_carrier(self, pull_request: PullRequest) -> bool:
        own = pull_request.repository_id
        return pull_request.head_repository_id == own and pull_request.head_branch in self._trunks.get(own, ())

    def _is_trunk(self, branch: bytes | None, repositories: Repositories | None) -> bool:
        return branch is not None and any(branch in self._trunks.get(each, ()) for each in repositories or ())


def trunks_of(pull_requests: Iterable[PullRequest]) -> dict[bytes, frozenset[bytes]]:
    """Return each repository's branches that pull requests merge into, except heads of its own pull requests."""
    known = list(pull_requests)
    heads = {(each.head_repository_id, each.head_branch) for each in known}
    trunks = defaultdict[bytes, set[bytes]](set)
    for each in known:
        if each.base_branch is not None and (each.repository_id, each.base_branch) not in heads:
            trunks[each.repository_id].add(each.base_branch)
    return {repository: frozenset(branches) for repository, branches in trunks.items()}


def _is_stacked_on(pull_request: PullRequest, other: PullRequest) -> bool:
    """Return whether a pull request is to be merged into the branch of the other."""
    return (
        pull_request.base_branch is not None
        and pull_request.base_branch == other.head_branch
        and pull_request.repository_id == other.head_repository_id
        and pull_request.artifact_id != other.artifact_id
    )


def _not_ended(pull_request: PullRequest, hour: datetime) -> bool:
    return pull_request.ended_at is None or pull_request.ended_at >= hour


def _earliest(pull_requests: Iterable[PullRequest]) -> PullRequest | None:
    return min(pull_requests, key=lambda each: (each.opened_at, each.artifact_id), default=None)
