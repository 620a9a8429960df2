"""A session lasts a day and opens three pull requests, one after another."""

from tests.benchmarks.evidence.story import Checkout, Commit, Opened, Spent, Story

STORY = Story(
    "a day over three pull requests",
    "main",
    (
        Checkout(8.1, "one"),
        Spent(8.5, 9_000, 1),
        Commit(9.1, "c1", "one"),
        Opened(9.2, 1, "one", ("c1",)),
        Spent(9.5, 1_000, 1),
        Checkout(10.05, "main"),
        Spent(10.5, 4_000, 2),
        Checkout(11.1, "two"),
        Spent(11.5, 11_000, 2),
        Commit(12.1, "c2", "two"),
        Opened(12.2, 2, "two", ("c2",)),
        Spent(12.5, 1_000, 2),
        Checkout(13.05, "three"),
        Spent(13.5, 8_000, 3),
        Commit(14.1, "c3", "three"),
        Opened(14.2, 3, "three", ("c3",)),
        Spent(15.2, 2_000, 3),
    ),
)
