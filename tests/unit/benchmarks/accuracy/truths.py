"""Short ways to write what is true of a team, in hours from its Monday."""

from dataclasses import replace
from typing import Any

from service.simulation.truth import PullRequestTruth, TeamTruth, TokenEvent


def pull_request(number: int, commits: tuple[int, ...], **known: Any) -> PullRequestTruth:
    """A merged pull request of repository 0, opened with its first commit and closed with its last."""
    merged = PullRequestTruth(
        pull_request=number,
        repository=0,
        opened_hour=commits[0],
        closed_hour=commits[-1],
        merged=True,
        changed_lines=10,
        commit_hours=commits,
        tokens=0,
        branch=number,
    )
    return replace(merged, **known)


def event(hour: int, tokens: int, number: int | None = None, **known: Any) -> TokenEvent:
    """Tokens of a session of their own, for a pull request or for none."""
    linked = TokenEvent(hour, 1000 * hour + (number or 0), 0.5, 0, number, tokens)
    return replace(linked, **known)


def team(events: list[TokenEvent], *pull_requests: PullRequestTruth) -> TeamTruth:
    """Team 7."""
    return TeamTruth(7, tuple(events), pull_requests)
