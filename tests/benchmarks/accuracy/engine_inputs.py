"""Input of the engine for a team: token windows as intake would create them, and facts as forges report them.

A linked session of a pull request becomes artifact evidence, a linked exploration the base branch of its repository.
If repositories are known, every window names its repository. Times are known only by the hour, so events are placed
in the middle of their hour.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from service.simulation.truth import PullRequestTruth, TeamTruth, TokenEvent
from tests.benchmarks.accuracy.settings import Setting
from vocabulary.tokens import TokenCounts
from workers.attribution.model import Evidence, Facts, PullRequest, Window

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
# No pull request in the files was opened after their end; one that was never opened is opened some time later.
UNOPENED_WAIT = timedelta(days=2)
# Not a round number, so that money has remainders.
NANO_USD_A_TOKEN = 3_017


def hour_begins(hour: int) -> datetime:
    """Return the start of an hour, given its number."""
    return MONDAY + timedelta(hours=hour)


def artifact_id(team: int, pull_request: int) -> bytes:
    """Return a hash for a pull request."""
    return _hash(f"pull request {team} {pull_request}")


def windows(team: TeamTruth, setting: Setting) -> list[Window]:
    """Return the team's tokens by hour and evidence."""
    tokens = defaultdict[tuple[int, Evidence], int](int)
    for event in team.token_events:
        tokens[event.hour, _evidence(team.team, event, setting)] += event.tokens
    return [
        Window(
            window_id=_hash(f"window {team.team} {hour} {evidence}"),
            hour=hour_begins(hour),
            tokens=TokenCounts(output_visible=amount),
            cost_nano_usd=amount * NANO_USD_A_TOKEN,
            model="claude-sonnet-4-5",
            evidence=evidence,
        )
        for (hour, evidence), amount in tokens.items()
    ]


def facts(team: TeamTruth) -> Facts:
    """Return the team's pull requests, without those of bots as workers do, and repositories by name."""
    ends = max(_hours(team), default=0) + 1
    repositories = {each.repository for each in team.pull_requests} | {each.repository for each in team.token_events}
    return Facts(
        pull_requests=tuple(
            _pull_request(team.team, each, hour_begins(ends)) for each in team.pull_requests if not each.is_bot
        ),
        repositories={_name(team.team, each): frozenset({_repository(team.team, each)}) for each in repositories},
    )


def _hours(team: TeamTruth) -> Iterator[int]:
    yield from (event.hour for event in team.token_events)
    for each in team.pull_requests:
        yield from each.commit_hours
        yield from (hour for hour in (each.opened_hour, each.closed_hour) if hour is not None)


def _pull_request(team: int, known: PullRequestTruth, ends_at: datetime) -> PullRequest:
    return PullRequest(
        artifact_id=artifact_id(team, known.pull_request),
        repository_id=_repository(team, known.repository),
        number=_hash(f"number {team} {known.pull_request}"),
        opened_at=ends_at + UNOPENED_WAIT if known.opened_hour is None else _middle(known.opened_hour),
        ended_at=None if known.closed_hour is None else _middle(known.closed_hour),
        head_repository_id=_repository(team, known.repository),
        head_branch=_hash(f"branch {team} {known.repository} {known.branch}"),
        base_branch=_base_branch(team, known.repository),
        activity=tuple(_middle(hour) for hour in known.commit_hours),
        changed_lines=known.changed_lines,
    )


def _evidence(team: int, event: TokenEvent, setting: Setting) -> Evidence:
    name = _name(team, event.repository)
    if not setting.is_linked(event):
        return Evidence(repository=name) if setting.repository else Evidence()
    if event.named is None:
        return Evidence(branch=_base_branch(team, event.repository), repository=name)
    return Evidence(artifact=artifact_id(team, event.named), repository=name if setting.repository else None)


def _middle(hour: int) -> datetime:
    return hour_begins(hour) + HALF_AN_HOUR


def _name(team: int, repository: int) -> bytes:
    return _hash(f"name {team} {repository}")


def _repository(team: int, repository: int) -> bytes:
    return _hash(f"repository {team} {repository}")


def _base_branch(team: int, repository: int) -> bytes:
    return _hash(f"base branch {team} {repository}")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
