"""What happens in a scenario, whatever agent it happens to: requests, what Git does, and pull requests."""

from dataclasses import dataclass

OVERHEAD = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """A model request of a session, and the pull request that it was for (0: none)."""

    hours: float
    tokens: int
    on: int
    session: str = "s"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A session makes a branch or a worktree, or switches to it."""

    hours: float
    branch: str
    session: str = "s"


@dataclass(frozen=True, slots=True)
class Commit:
    """A session makes a commit; if `quiet`, Git prints nothing that an agent could report."""

    hours: float
    commit: str
    branch: str
    session: str = "s"
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A branch is pushed and its pull request opened, with these commits."""

    hours: float
    number: int
    branch: str
    commits: tuple[str, ...]


Act = Spent | Checkout | Commit | Opened


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario: on which branch each session began, and what happened."""

    name: str
    began_on: str
    acts: tuple[Act, ...]

    @property
    def truth(self) -> dict[tuple[int, int], int]:
        """Tokens by whole hour and pull request."""
        tokens: dict[tuple[int, int], int] = {}
        for act in self.acts:
            if isinstance(act, Spent):
                key = int(act.hours), act.on
                tokens[key] = tokens.get(key, 0) + act.tokens
        return tokens
