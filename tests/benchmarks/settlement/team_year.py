"""A year of one team: pull requests with bursts of work, and a window for every hour and model."""

import hashlib
from datetime import UTC, datetime, timedelta

import numpy as np

from workers.attribution.model import Evidence, Facts, PullRequest
from workers.attribution.window_columns import Label, Windows, hour_number

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 8_760
PULL_REQUESTS = 10_000
MODELS = ("claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5", "gemini-3-pro")
REPOSITORY = hashlib.sha256(b"repository").digest()

# Mean time from opening to merge, and the work before the opening.
MEAN_LIFE = 2.0
WORK_BEFORE = 1.0
COMMITS = 3


def team_windows(seed: int = 1) -> Windows:
    """Return a window for every hour and model, with heavy-tailed amounts of every token kind and of money."""
    random = np.random.default_rng(seed)
    first = hour_number(BEGINS)
    names = [(hour, model) for hour in range(first, first + HOURS) for model in MODELS]
    return Windows.of_columns(
        window_ids=[hashlib.sha256(f"{hour} {model}".encode()).digest() for hour, model in names],
        hours=[hour for hour, _ in names],
        amounts=random.lognormal(12, 2, (len(names), 6)).astype(np.int64).tolist(),
        evidence=[Evidence()] * len(names),
        labels=[Label(model, "") for _, model in names],
    )


def team_facts(pull_requests: int = PULL_REQUESTS, seed: int = 2) -> Facts:
    """Return pull requests over the whole year, each with some commits between its first work and its merge."""
    random = np.random.default_rng(seed)
    opened = random.uniform(0, HOURS, pull_requests)
    ended = opened + random.exponential(MEAN_LIFE, pull_requests)
    commits = random.uniform(opened - WORK_BEFORE, ended, (COMMITS, pull_requests)).T
    return Facts(
        tuple(
            PullRequest(
                artifact_id=hashlib.sha256(f"pull request {index}".encode()).digest(),
                repository_id=REPOSITORY,
                number=hashlib.sha256(f"number {index}".encode()).digest(),
                opened_at=_at(opened[index]),
                ended_at=_at(ended[index]),
                activity=tuple(_at(commit) for commit in sorted(commits[index])),
            )
            for index in range(pull_requests)
        )
    )


def _at(hours: float) -> datetime:
    return BEGINS + timedelta(seconds=round(hours * 3600))
