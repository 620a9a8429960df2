"""A session explores main and commits nothing, beside a pull request of somebody else."""

from tests.benchmarks.evidence.story import OVERHEAD, Checkout, Opened, Spent, Story

STORY = Story(
    "a session without a commit",
    "main",
    (
        Checkout(8.9, "main"),
        Spent(9.2, 10_000, OVERHEAD),
        Spent(10.5, 6_000, OVERHEAD),
        Opened(8.2, 1, "other", ("o1",)),
    ),
)
