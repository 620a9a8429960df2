"""Commits of a fake forge's repository and what each was built on: histories, comparisons and common ancestors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class CommitGraph:
    """Commits by SHA, in the order in which they were made; `merges` are those that merged a pull request."""

    made_at: dict[str, datetime] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    merges: dict[str, int] = field(default_factory=dict)
    branches: dict[str, int] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)
    _histories: dict[str, int] = field(default_factory=dict)

    def add(self, sha: str, at: datetime, *parents: str) -> str:
        """A commit; its parents are there already."""
        assert sha not in self.made_at, f"{sha} is there already"
        self.made_at[sha], self.parents[sha] = at, parents
        self._places[sha] = len(self._places)
        bits = 1 << self._places[sha]
        for parent in parents:
            bits |= self._histories[parent]
        self._histories[sha] = bits
        return sha

    def reaches(self, head: str, commit: str) -> bool:
        """Whether a commit lies in the history of another, or is it."""
        return bool(self._histories[head] >> self._places[commit] & 1)

    def between(self, base: str | None, head: str) -> list[str]:
        """Commits of a history that another has not, oldest first."""
        bits = self._histories[head] & ~(self._histories[base] if base else 0)
        return [sha for sha, place in self._places.items() if bits >> place & 1]

    def status(self, base: str, head: str) -> str:
        """As GitHub says it."""
        ahead, behind = self.reaches(head, base), self.reaches(base, head)
        return "identical" if base == head else "ahead" if ahead else "behind" if behind else "diverged"

    def common(self, refs: Sequence[str]) -> str | None:
        """The newest commit in all of the histories."""
        bits = self._histories[refs[0]]
        for each in refs[1:]:
            bits &= self._histories[each]
        shared = [sha for sha, place in self._places.items() if bits >> place & 1]
        return shared[-1] if shared else None

    def pull_requests_of(self, commit: str) -> list[int]:
        """Pull requests that brought a commit, by their merge or by their own work."""
        return [held[commit] for held in (self.merges, self.branches) if commit in held]
