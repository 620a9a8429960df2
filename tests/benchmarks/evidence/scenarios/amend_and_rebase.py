"""A session amends its commit and rebases, so that the first commits never reach the forge."""

from tests.benchmarks.evidence.story import Checkout, Commit, Opened, Spent, Story

STORY = Story(
    "amend and rebase",
    "main",
    (
        Checkout(8.9, "fix"),
        Spent(9.2, 10_000, 1),
        Commit(10.1, "c1", "fix"),
        Spent(10.5, 6_000, 1),
        Commit(11.1, "c1 amended", "fix"),
        Spent(11.5, 4_000, 1),
        Commit(12.1, "c1 rebased", "fix"),
        Opened(12.2, 1, "fix", ("c1 rebased",)),
        Spent(13.3, 1_000, 1),
    ),
)
