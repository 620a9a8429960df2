"""Merged pull requests and releases of a repository, found in its Git history.

A pull request counts if its merge is on the mainline, the chain of first parents. Other merges went into another
branch, often of a fork, whose pull request numbers belong to another repository.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schema.contracts.values import Forge
from schema.vocabulary.reverts import NOTHING, Reverted, read_pull_request
from schema.vocabulary.tag_names import TagName, read_tag
from service.imports.git_log import Commit, History, Message, Tag
from service.imports.merge_messages import MergedNumber, read_message


@dataclass(frozen=True, slots=True)
class MergedPullRequest:
    """A merged pull request; `squashed` if only one commit on the mainline remains of it."""

    named: MergedNumber
    base_branch: str | None
    merge: Commit
    commits: tuple[Commit, ...]
    squashed: bool
    reverted: Reverted = NOTHING

    @property
    def number(self) -> int:
        """Return the forge's number."""
        return self.named.number

    @property
    def opened_at(self) -> datetime:
        """Return the time of the earliest commit, at the latest the merge: Git does not record when it was opened."""
        return min([self.merge.committed_at, *(commit.authored_at for commit in self.commits)])


@dataclass(frozen=True, slots=True)
class TaggedRelease:
    """A tag, with the numbers of the pull requests that it shipped before any other tag of its family."""

    tag: Tag
    pull_requests: tuple[int, ...]


def find_pull_requests(history: History, forge: Forge) -> list[MergedPullRequest]:
    """Return the merged pull requests, each number once, oldest merge first.

    If a number appears twice, a merge commit wins over a title that mentions it; otherwise the earliest wins.
    """
    found: dict[int, MergedPullRequest] = {}
    for mainline in history.mainlines:
        settled: set[str] = set()
        for message in mainline.messages:
            merge = history.commits[message.sha]
            brought = _brought_in(history.commits, merge, settled)
            candidate = _pull_request(forge, message, mainline.branch, merge, brought)
            if candidate and _is_better(candidate, found.get(candidate.number)):
                found[candidate.number] = candidate
    return sorted(found.values(), key=lambda pull_request: (pull_request.merge.committed_at, pull_request.number))


def find_releases(history: History, pull_requests: list[MergedPullRequest]) -> list[TaggedRelease]:
    """Return every tag, oldest first, with the pull requests that it shipped before any other tag of its family.

    A tag ships what is on its chain of first parents, so that a maintenance release into which the mainline was merged
    does not get the pull requests of mainline releases. Pull requests on no such chain, as when releases are tagged on
    another branch, belong to the first tag that contains them.
    """
    tags = _oldest_first(history)
    families: dict[str | None, list[Tag]] = {}
    for tag in tags:
        families.setdefault(_family(read_tag(tag.name)), []).append(tag)
    shipped: dict[str, list[int]] = {tag.name: [] for tag in tags}
    for members in families.values():
        unshipped = {pull_request.merge.sha: pull_request.number for pull_request in pull_requests}
        for first_parent_only in (True, False):
            seen: set[str] = set()
            for tag in members:
                for sha in _unseen_ancestors(history.commits, tag.commit, seen, first_parent_only=first_parent_only):
                    if sha in unshipped:
                        shipped[tag.name].append(unshipped.pop(sha))
    return [TaggedRelease(tag, tuple(sorted(shipped[tag.name]))) for tag in tags]


def find_reverts(pull_requests: list[MergedPullRequest], path: str) -> dict[int, list[int]]:
    """Return the numbers that each pull request reverts, if any; `path` is the repository's owner/name."""
    by_commit = {commit.sha: each.number for each in pull_requests for commit in (each.merge, *each.commits)}
    found: dict[int, list[int]] = {}
    for each in pull_requests:
        numbers = {named.number for named in each.reverted.named if named.place in {None, path}}
        numbers |= {by_commit[sha] for sha in each.reverted.commits if sha in by_commit}
        if numbers := numbers - {each.number}:
            found[each.number] = sorted(numbers)
    return found


def _family(name: TagName) -> str | None:
    """Return a tag's family; tags without a version are one family."""
    return None if name.version is None else name.family


def _pull_request(
    forge: Forge, message: Message, branch: str | None, merge: Commit, brought: list[Commit]
) -> MergedPullRequest | None:
    named = read_message(forge, message)
    if named is None:
        return None
    squashed = len(merge.parents) < 2  # noqa: PLR2004 - a merge has a second parent
    return MergedPullRequest(
        named=named,
        base_branch=named.base_branch or branch,
        merge=merge,
        commits=(merge,) if squashed else tuple(sorted(brought, key=lambda commit: (commit.authored_at, commit.sha))),
        squashed=squashed,
        reverted=read_pull_request(message.subject, message.body, named.head_branch),
    )


def _is_better(candidate: MergedPullRequest, known: MergedPullRequest | None) -> bool:
    return known is None or (known.squashed and not candidate.squashed)


def _brought_in(commits: dict[str, Commit], merge: Commit, settled: set[str]) -> list[Commit]:
    """Return the commits that a merge added to the mainline: reachable from its other parents, not from its first.

    Call it oldest first: `settled` holds everything that the first parent reaches, and gets the new commits.
    """
    brought = [
        commits[sha]
        for parent in merge.parents[1:]
        for sha in _unseen_ancestors(commits, parent, settled, first_parent_only=False)
    ]
    settled.add(merge.sha)
    return brought


def _unseen_ancestors(
    commits: dict[str, Commit], start: str, seen: set[str], *, first_parent_only: bool
) -> Iterator[str]:
    """Yield the commit and its ancestors that are not in `seen`, and add them to it."""
    stack = [start]
    while stack:
        sha = stack.pop()
        if sha in seen or sha not in commits:
            continue
        seen.add(sha)
        yield sha
        parents = commits[sha].parents
        stack.extend(parents[:1] if first_parent_only else parents)


def _oldest_first(history: History) -> list[Tag]:
    """Return tags in the order of their commits; on one commit by tag time, then `v1.2.3` before the moving `v1`."""
    age = {sha: position for position, sha in enumerate(history.commits)}
    return sorted(history.tags, key=lambda tag: (-age[tag.commit], tag.tagged_at, -len(tag.name), tag.name))
