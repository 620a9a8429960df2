"""A session begins on main, makes a branch, commits twice and opens the pull request."""

from tests.benchmarks.evidence.story import Checkout, Commit, Opened, Spent, Story

STORY = Story(
    "commits on their own branch",
    "main",
    (
        Spent(9.2, 9_000, 1),
        Checkout(10.1, "fix"),
        Spent(10.5, 12_000, 1),
        Commit(11.1, "c1", "fix"),
        Spent(11.5, 8_000, 1),
        Commit(12.1, "c2", "fix"),
        Opened(12.2, 1, "fix", ("c1", "c2")),
        Spent(13.3, 4_000, 1),
        Opened(8.2, 2, "other", ("o1",)),
    ),
)
