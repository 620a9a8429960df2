"""A session commits with `git -C … commit -q`, so that no agent sees what Git did."""

from tests.benchmarks.evidence.story import Checkout, Commit, Opened, Spent, Story

STORY = Story(
    "git -C … commit -q",
    "main",
    (
        Spent(9.2, 6_000, 1),
        Checkout(9.9, "fix"),
        Spent(10.5, 12_000, 1),
        Commit(11.1, "c1", "fix", quiet=True),
        Opened(11.2, 1, "fix", ("c1",)),
        Spent(11.5, 5_000, 1),
        Opened(8.2, 2, "other", ("o1",)),
    ),
)
