"""Two sessions work in one repository at once, each in its worktree."""

from tests.benchmarks.evidence.story import Checkout, Commit, Opened, Spent, Story

STORY = Story(
    "two sessions at once",
    "main",
    (
        Checkout(8.9, "a", "s"),
        Checkout(8.95, "b", "t"),
        Spent(9.2, 10_000, 1, "s"),
        Spent(9.3, 7_000, 2, "t"),
        Commit(10.1, "a1", "a", "s"),
        Commit(10.2, "b1", "b", "t"),
        Opened(10.3, 1, "a", ("a1",)),
        Opened(10.4, 2, "b", ("b1",)),
        Spent(11.2, 3_000, 1, "s"),
        Spent(11.3, 2_000, 2, "t"),
    ),
)
