"""Which pull requests a release ships, by the forge's own commits: between it and the last release in its history."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from workers.forges.listed import Listed
from workers.forges.previous_tags import Tagged, candidates

# Each costs a request. Where none of so many lies in its history, the release is taken for the first of its family.
MOST_CANDIDATES = 20
# The first release of a family ships everything; of a long history that is more than is worth asking for.
MOST_COMMITS = 5000


class HistoryClient(Protocol):
    """What is asked of a forge; blocking, and raises ForgeError."""

    def tags(self, repository: Listed) -> list[Tagged]:
        """Every tag of the repository."""

    def commits_between(self, repository: Listed, base: str, head: str) -> list[str] | None:
        """Commits of `head` that `base` has not, however many; None when `base` is not in its history."""

    def commits_up_to(self, repository: Listed, head: str, most: int) -> list[str] | None:
        """Every commit in the history of `head`; None when they are more than `most`."""

    def merged_by(self, repository: Listed, commits: Sequence[str]) -> set[int]:
        """Numbers of the merged pull requests whose merge is one of these commits."""

    def noted(self, repository: Listed, tag: str, previous: str | None) -> set[int] | None:
        """Numbers of pull requests in the notes that the forge would write; None where it writes none for us."""


class ReleaseFound(NamedTuple):
    """What a release ships since `base`, None for the first of its family, and what the forge's notes name."""

    base: Tagged | None
    numbers: frozenset[int]
    noted: frozenset[int] | None


def find_shipped(client: HistoryClient, repository: Listed, tag: Tagged, tags: Sequence[Tagged]) -> ReleaseFound | None:
    """What a release ships; None when its history is too long to be listed. Raises ForgeError."""
    base, commits = _compare(client, repository, tag, tags)
    if commits is None:
        return None
    numbers = client.merged_by(repository, commits)
    noted = client.noted(repository, tag.name, base.name if base else None)
    return ReleaseFound(base, frozenset(numbers), None if noted is None else frozenset(noted))


def _compare(
    client: HistoryClient, repository: Listed, tag: Tagged, tags: Sequence[Tagged]
) -> tuple[Tagged | None, list[str] | None]:
    for each in candidates(tag, tags)[:MOST_CANDIDATES]:
        commits = client.commits_between(repository, each.commit, tag.commit)
        if commits is not None:
            return each, commits
    return None, client.commits_up_to(repository, tag.commit, MOST_COMMITS)
