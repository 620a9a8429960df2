"""A session begins in a clone that stands on somebody's old branch, and works in a worktree of its own."""

from tests.benchmarks.evidence.story import Checkout, Commit, Opened, Spent, Story

STORY = Story(
    "a worktree, begun on a stale branch",
    "old",
    (
        Opened(7.2, 1, "old", ("o1",)),
        Checkout(9.1, "fix"),
        Spent(9.5, 14_000, 2),
        Commit(10.1, "f1", "fix"),
        Spent(10.5, 9_000, 2),
        Commit(11.1, "f2", "fix"),
        Opened(11.2, 2, "fix", ("f1", "f2")),
        Spent(12.3, 2_000, 2),
    ),
)
