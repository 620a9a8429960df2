"""The true attribution of simulated teams in the form of the reference set.

Times are whole hours since a Monday, 00:00 UTC.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.simulation.company import PullRequest, Repository, Session, Team

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TokenEvent:
    """Tokens of one session, hour, repository and pull request; None is exploration.

    A session is linked in the setting "links q" if its `link_rank`, uniform from 0 to 1, is below q. Its link then
    names the true pull request or, if it is `stale`, `stamp`, which is where the session was before.
    """

    hour: int
    session: int
    link_rank: float
    repository: int
    pull_request: int | None
    tokens: int
    stale: bool = False
    stamp: int | None = None

    @property
    def named(self) -> int | None:
        """Return the pull request that the session's link names; None for exploration."""
        return self.stamp if self.stale else self.pull_request


@dataclass(frozen=True, slots=True)
class PullRequestTruth:
    """One pull request and its true tokens.

    Hours after the end of the simulation are None. Pull requests that used the same branch one after the other have the
    same `branch`. The reference format leaves it out, as if each had its own branch. `is_bot`: its author is a bot.
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
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class TeamTruth:
    """The truth of one team."""

    team: int
    token_events: tuple[TokenEvent, ...]
    pull_requests: tuple[PullRequestTruth, ...]

    @property
    def merged(self) -> tuple[PullRequestTruth, ...]:
        """Return the merged pull requests of people, on which accuracy is measured."""
        return tuple(each for each in self.pull_requests if each.merged and not each.is_bot)


def team_truth(number: int, team: Team, starts_at: datetime) -> TeamTruth:
    """Return the truth of a simulated team; pull requests, repositories and branches are numbered from 0."""
    return _Numbering(team, starts_at).truth(number)


class _Numbering:
    """Assigns numbers to a team's repositories, pull requests and branches."""

    def __init__(self, team: Team, starts_at: datetime) -> None:
        self._starts_at = starts_at
        self._opened = len(team.pull_requests)
        self._all = (*team.pull_requests, *team.unopened)
        self._sessions = team.sessions
        self._repositories = {each: number for number, each in enumerate(team.repositories)}
        self._numbers = {(each.repository, each.number): number for number, each in enumerate(self._all)}
        branches = dict.fromkeys((each.repository, each.branch) for each in self._all)
        self._branches = {branch: number for number, branch in enumerate(branches)}

    def truth(self, team: int) -> TeamTruth:
        ids = {each: number for number, each in enumerate(dict.fromkeys(one.session_id for one in self._sessions))}
        events = [event for each in self._sessions for event in self._events(ids[each.session_id], each)]
        tokens = defaultdict[int | None, int](int)
        for event in events:
            tokens[event.pull_request] += event.tokens
        pull_requests = (self._pull_request(number, each, tokens[number]) for number, each in enumerate(self._all))
        return TeamTruth(
            team, tuple(sorted(events, key=lambda event: (event.hour, event.session))), tuple(pull_requests)
        )

    def _events(self, number: int, session: Session) -> list[TokenEvent]:
        tokens = defaultdict[int, int](int)
        for request in session.requests:
            tokens[self._hour(request.at)] += request.tokens.total
        pull_request = self._number(session.repository, session.pull_request)
        stamp = None if session.stamp is None else self._number(*session.stamp)
        is_stale = session.stamp is not None and stamp != pull_request
        repository = self._repositories[session.repository]
        rank = round(session.link_rank, 4)
        return [
            TokenEvent(
                hour, number, rank, repository, pull_request, tokens[hour], is_stale, stamp if is_stale else None
            )
            for hour in sorted(tokens)
        ]

    def _number(self, repository: Repository, pull_request: int | None) -> int | None:
        return None if pull_request is None else self._numbers[repository, pull_request]

    def _pull_request(self, number: int, known: PullRequest, tokens: int) -> PullRequestTruth:
        return PullRequestTruth(
            pull_request=number,
            repository=self._repositories[known.repository],
            opened_hour=self._hour(known.opened_at) if number < self._opened else None,
            closed_hour=None if known.closed_at is None else self._hour(known.closed_at),
            merged=known.merged,
            changed_lines=known.changed_lines,
            commit_hours=tuple(sorted({self._hour(commit.at) for commit in known.commits})),
            tokens=tokens,
            branch=self._branches[known.repository, known.branch],
            is_bot=known.is_bot,
        )

    def _hour(self, instant: datetime) -> int:
        return (instant - self._starts_at) // HOUR
