"""Finds the pull requests that a release ships: the commits between it and the last release in its history."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from workers.forge_access.listed import Listed
from workers.forges.previous_tags import Tagged, candidates

# Each costs a request. If none is in its history, the release counts as the first of its family.
MAX_CANDIDATES = 20
# The first release of a family ships its whole history; a longer one is not worth the requests.
MAX_COMMITS = 5000


class HistoryClient(Protocol):
    """A forge's commit history; blocking, methods raise ForgeError."""

    def tags(self, repository: Listed) -> list[Tagged]:
        """Return every tag of the repository."""

    def commits_between(self, repository: Listed, base: str, head: str) -> list[str] | None:
        """Return all commits of `head` that `base` lacks; None when `base` is not in its history."""

    def commits_up_to(self, repository: Listed, head: str, most: int) -> list[str] | None:
        """Return every commit in the history of `head`; None when there are more than `most`."""

    def merged_by(self, repository: Listed, commits: Sequence[str]) -> set[int]:
        """Return the numbers of pull requests whose merge commit is one of these."""

    def notes(self, repository: Listed, tag: str, previous: str | None) -> set[int] | None:
        """Return pull request numbers in the forge's generated notes; None if it generates none for us."""


class ReleaseFound(NamedTuple):
    """What a release ships since `base` (None for the first of its family), and what the forge's notes list."""

    base: Tagged | None
    numbers: frozenset[int]
    in_notes: frozenset[int] | None


def find_shipped(client: HistoryClient, repository: Listed, tag: Tagged, tags: Sequence[Tagged]) -> ReleaseFound | None:
    """Return what a release ships; None when its history is too long. Raises ForgeError."""
    base, commits = _compare(client, repository, tag, tags)
    if commits is None:
        return None
    numbers = client.merged_by(repository, commits)
    in_notes = client.notes(repository, tag.name, base.name if base else None)
    return ReleaseFound(base, frozenset(numbers), None if in_notes is None else frozenset(in_notes))


def _compare(
    client: HistoryClient, repository: Listed, tag: Tagged, tags: Sequence[Tagged]
) -> tuple[Tagged | None, list[str] | None]:
    for each in candidates(tag, tags)[:MAX_CANDIDATES]:
        commits = client.commits_between(repository, each.commit, tag.commit)
        if commits is not None:
            return each, commits
    return None, client.commits_up_to(repository, tag.commit, MAX_COMMITS)
