"""The truth about simulated teams in the form of the reference set: which tokens belong to which pull request.

Times are whole hours, counted from a Monday 00:00 UTC.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenEvent:
    """Tokens of one session, hour, repository and pull request; None is exploration.

    A session is linked in the setting "links q" when its `link_rank`, uniform from 0 to 1, is below q.
    """

    hour: int
    session: int
    link_rank: float
    repository: int
    pull_request: int | None
    tokens: int


@dataclass(frozen=True, slots=True)
class PullRequestTruth:
    """One life cycle and the tokens that it truly used.

    What had not happened when the simulation ended is None. `branch` tells which pull requests had the same branch one
    after the other; the reference format leaves it out, and each then has one of its own.
    """

    pull_request: int
    repository: int
    opened_hour: int | None
    closed_hour: int | None
    merged: bool
    changed_lines: int
    commit_hours: tuple[int, ...]
    tokens: int
    branch: int


@dataclass(frozen=True, slots=True)
class TeamTruth:
    """All that is known of one team."""

    team: int
    token_events: tuple[TokenEvent, ...]
    pull_requests: tuple[PullRequestTruth, ...]

    @property
    def merged(self) -> tuple[PullRequestTruth, ...]:
        """The pull requests that accuracy is measured on."""
        return tuple(each for each in self.pull_requests if each.merged)
