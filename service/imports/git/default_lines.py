"""Which branch of a clone pull requests are merged into, where nobody names one."""

from collections.abc import Callable
from dataclasses import dataclass

from schema.errors import SetUpError
from service.imports.git.side_lines import COLLECTING

# Names of default branches, the likeliest first.
USUAL = ("main", "master", "trunk")


@dataclass(frozen=True, slots=True)
class DefaultLine:
    """A reference, and what a reader should know of the choice."""

    tip: str
    notes: tuple[str, ...] = ()


class DefaultLines:
    """Finds default branches. `attempt` runs git and returns what it prints, or None if it fails."""

    def __init__(self, attempt: Callable[..., str | None]) -> None:
        self._attempt = attempt

    def default(self, remote: str) -> DefaultLine:
        """Return the branch that a remote's HEAD names, unless another goes on from it; without a remote the own HEAD.

        A clone does not notice when the forge gives another default branch.
        """
        tip = self._head(remote)
        prefix = f"refs/remotes/{remote}/"
        if not tip.startswith(prefix):
            return DefaultLine(tip)
        name = tip.removeprefix(prefix)
        notes = []
        for other in USUAL:
            there = prefix + other
            if other == name or not self._exists(there) or self._same(tip, there):
                continue
            if self._attempt("merge-base", "--is-ancestor", tip, there) is not None:
                note = f"read {other}, which goes on from the clone's default branch; to read that: --branch {name}"
                return DefaultLine(there, (note,))
            if self._attempt("merge-base", tip, there) and self._time(there) > self._time(tip):
                notes.append(f"read {name}; {other} has newer commits, and is imported with --branch {other}")
        return DefaultLine(tip, tuple(notes))

    def collecting(self, remote: str) -> dict[str, str]:
        """Return the commits of the remote's branches that usually collect work, by their names.

        A branch of the clone itself counts only where the clone has no branches of the remote.
        """
        is_cloned = self._attempt("for-each-ref", "--count=1", f"refs/remotes/{remote}/")
        prefix = f"refs/remotes/{remote}" if is_cloned else "refs/heads"
        named = (
            (name, self._attempt("rev-parse", "--verify", "--quiet", f"{prefix}/{name}^{{commit}}"))
            for name in COLLECTING
        )
        return {name: sha for name, sha in named if sha}

    def _head(self, remote: str) -> str:
        # A clone may have any branch checked out; pull requests are merged into the HEAD of its remote.
        if self._exists(f"refs/remotes/{remote}/HEAD"):
            name = f"refs/remotes/{remote}/HEAD"
            return self._attempt("symbolic-ref", "--quiet", name) or name
        for usual in USUAL:
            if self._exists(f"refs/remotes/{remote}/{usual}"):
                return f"refs/remotes/{remote}/{usual}"
        if self._exists("HEAD"):
            return self._attempt("symbolic-ref", "--quiet", "HEAD") or "HEAD"
        raise SetUpError("the repository has no commits yet; there is nothing to import")

    def _exists(self, reference: str) -> bool:
        return self._attempt("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}") is not None

    def _same(self, one: str, other: str) -> bool:
        return self._attempt("rev-parse", one) == self._attempt("rev-parse", other)

    def _time(self, reference: str) -> int:
        return int(self._attempt("log", "-1", "--format=%ct", reference) or 0)
