"""Hours of a company's agents as intake rows: overlapping sessions, most on a branch, some with commits."""

import hashlib
import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from service.http.event_packing import EventRow, LinkHashes
from service.telemetry.hashing.rows import EvidenceRow, IntakeRows
from vocabulary.tokens import TokenCounts

BEGINS = datetime(2026, 11, 2, 6, tzinfo=UTC)
SESSIONS_A_HOUR = 600
REQUESTS = (20, 200)
PACES = (6, 40)
TEAMS, REPOSITORIES = 20, 60
MODELS = ("claude-sonnet-4-5", "claude-sonnet-4-5", "claude-sonnet-4-5", "claude-haiku-4-5")
NOTHING = LinkHashes(None, None, None, None, None)
ON_BRANCH = 0.8
COMMITS = 0.3
# Requests between two commits.
WORK = 40


def bodies(records: int, seed: int = 1, size: int = 1000) -> Iterator[IntakeRows]:
    """Yield bodies of `size` with `records` in total, in order of time."""
    events: list[EventRow] = []
    evidence: list[EvidenceRow] = []
    left = records
    for row in _reported(seed):
        if isinstance(row, EvidenceRow):
            evidence.append(row)
            continue
        events.append(row)
        left -= 1
        if len(events) == size or not left:
            yield IntakeRows(events=events, evidence=evidence)
            events, evidence = [], []
        if not left:
            return


def _reported(seed: int) -> Iterator[EventRow | EvidenceRow]:
    """Yield the rows of all sessions, merged by time."""
    draw = Random(seed)
    open_sessions: list[tuple[datetime, int, Iterator[EventRow | EvidenceRow]]] = []
    number, starts = 0, BEGINS
    while True:
        while not open_sessions or starts <= open_sessions[0][0]:
            session = _session(draw, f"{seed} {number}", starts)
            heapq.heappush(open_sessions, (starts, number, session))
            number += 1
            starts += timedelta(seconds=draw.expovariate(SESSIONS_A_HOUR / 3600))
        _, of, session = open_sessions[0]
        row = next(session, None)
        if row is None:
            heapq.heappop(open_sessions)
        else:
            heapq.heapreplace(open_sessions, (row.occurred_at, of, session))
            yield row


def _session(draw: Random, name: str, starts: datetime) -> Iterator[EventRow | EvidenceRow]:
    session, repository = _hash(f"session {name}"), _hash(f"repository {draw.randrange(REPOSITORIES)}")
    branch = _hash(f"branch {name}") if draw.random() < ON_BRANCH else None
    links = LinkHashes(None, None, None, branch, repository) if branch else NOTHING
    commits, pace, team = draw.random() < COMMITS, draw.uniform(*PACES), f"team {draw.randrange(TEAMS)}"
    instant = starts
    for request in range(draw.randint(*REQUESTS)):
        instant += timedelta(seconds=draw.expovariate(1 / pace))
        yield EventRow(
            event_id=_hash(f"event {name} {request}"),
            occurred_at=instant,
            team=team,
            source="claude-code",
            provider="anthropic",
            model=draw.choice(MODELS),
            workflow="",
            prompt_template="",
            context_tier="",
            session=session,
            links=links,
            tokens=TokenCounts(
                draw.randrange(20), draw.randrange(150_000), draw.randrange(3_000), draw.randrange(900), 0
            ),
            remembered=False,
            request=_hash(f"request {name} {request}"),
            duration_ms=draw.randrange(500, 30_000),
        )
        if commits and request % WORK == WORK - 1:
            commit = LinkHashes(None, None, _hash(f"commit {name} {request}"), branch, repository)
            yield EvidenceRow(_hash(f"evidence {name} {request}"), session, instant, commit)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
