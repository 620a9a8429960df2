"""The commit graph of a fake forge's repository: histories, comparisons and common ancestors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class CommitGraph:
    """Commits by SHA, in order of creation; `merges` are those that merged a pull request."""

    made_at: dict[str, datetime] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    merges: dict[str, int] = field(default_factory=dict)
    branches: dict[str, int] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)
    _histories: dict[str, int] = field(default_factory=dict)

    def add(self, sha: str, at: datetime, *parents: str) -> str:
        """Add a commit whose parents exist."""
        assert sha not in self.made_at, f"{sha} exists already"
        self.made_at[sha], self.parents[sha] = at, parents
        self._places[sha] = len(self._places)
        bits = 1 << self._places[sha]
        for parent in parents:
            bits |= self._histories[parent]
        self._histories[sha] = bits
        return sha

    def reaches(self, head: str, commit: str) -> bool:
        """Return whether a commit is `head` or one of its ancestors."""
        return bool(self._histories[head] >> self._places[commit] & 1)

    def between(self, base: str | None, head: str) -> list[str]:
        """Return the commits of `head` that are not in `base`, oldest first."""
        bits = self._histories[head] & ~(self._histories[base] if base else 0)
        return [sha for sha, place in self._places.items() if bits >> place & 1]

    def status(self, base: str, head: str) -> str:
        """Return GitHub's status of a comparison."""
        ahead, behind = self.reaches(head, base), self.reaches(base, head)
        return "identical" if base == head else "ahead" if ahead else "behind" if behind else "diverged"

    def common(self, refs: Sequence[str]) -> str | None:
        """Return the newest commit in all histories."""
        bits = self._histories[refs[0]]
        for each in refs[1:]:
            bits &= self._histories[each]
        shared = [sha for sha, place in self._places.items() if bits >> place & 1]
        return shared[-1] if shared else None

    def pull_requests_of(self, commit: str) -> list[int]:
        """Return the pull requests that contain a commit or were merged by it."""
        return [held[commit] for held in (self.merges, self.branches) if commit in held]
