"""A session begins on the branch of one pull request and switches to that of another."""

from tests.benchmarks.evidence.story import Checkout, Commit, Opened, Spent, Story

STORY = Story(
    "a branch switch",
    "a",
    (
        Opened(8.2, 1, "a", ("a0",)),
        Spent(9.2, 10_000, 1),
        Commit(10.1, "a1", "a"),
        Spent(10.5, 2_000, 1),
        Checkout(11.1, "b"),
        Spent(11.5, 15_000, 2),
        Commit(12.1, "b1", "b"),
        Opened(12.2, 2, "b", ("b1",)),
        Spent(13.3, 3_000, 2),
    ),
)
