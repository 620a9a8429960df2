"""Token events that wait to be counted, the rest of their sessions, and what else was seen of those sessions."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from asyncpg import Record

from schema.database import Connection
from schema.tokens import TOKEN_KINDS, TokenCounts
from workers.attribution.links import Sighting
from workers.attribution.model import Evidence
from workers.attribution.windows import Dimensions, Move, TokenEvent

_CLAIM = """
SELECT * FROM token_event
 WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at <= now()
 ORDER BY next_attempt_at, session, event_id
 LIMIT $2 FOR UPDATE SKIP LOCKED
"""

_CLAIM_EVIDENCE = """
UPDATE session_evidence SET state = 'processed'
 WHERE organization_id = $1 AND evidence_id IN (
       SELECT evidence_id FROM session_evidence
        WHERE organization_id = $1 AND state = 'waiting'
        LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING session
"""

_COMPLETE = """
UPDATE token_event
   SET state = 'processed', window_id = moved.window_id, cost_nano_usd = moved.cost_nano_usd,
       attempts = 0, failure = NULL
  FROM unnest($2::bytea[], $3::bytea[], $4::bigint[]) AS moved (event_id, window_id, cost_nano_usd)
 WHERE token_event.organization_id = $1 AND token_event.event_id = moved.event_id
"""

_BACK_OFF = """
UPDATE token_event
   SET attempts = attempts + 1, failure = $3,
       state = CASE WHEN attempts + 1 >= $4 THEN 'dead' ELSE 'waiting' END,
       next_attempt_at = now() + $5::interval * power(2, attempts) * (0.75 + random() / 2)
 WHERE organization_id = $1 AND event_id = $2
"""


async def claim(connection: Connection, organization_id: int, limit: int) -> list[TokenEvent]:
    """Waiting events that are due, locked until the transaction ends."""
    return [_event(row) for row in await connection.fetch(_CLAIM, organization_id, limit)]


async def claim_evidence(connection: Connection, organization_id: int, limit: int) -> list[bytes]:
    """Sessions of which something new was seen; that is then taken as seen to."""
    return sorted({row["session"] for row in await connection.fetch(_CLAIM_EVIDENCE, organization_id, limit)})


async def load_sessions(
    connection: Connection, organization_id: int, sessions: Collection[bytes]
) -> dict[bytes, list[TokenEvent]]:
    """Every live event of the sessions, counted or not."""
    rows = await connection.fetch(
        "SELECT * FROM token_event WHERE organization_id = $1 AND session = ANY($2::bytea[])",
        organization_id,
        list(sessions),
    )
    found: dict[bytes, list[TokenEvent]] = {session: [] for session in sessions}
    for row in rows:
        found[row["session"]].append(_event(row))
    return found


async def load_evidence(
    connection: Connection, organization_id: int, sessions: Collection[bytes]
) -> dict[bytes, list[Sighting]]:
    """What was seen of the sessions beside their token events."""
    rows = await connection.fetch(
        "SELECT * FROM session_evidence WHERE organization_id = $1 AND session = ANY($2::bytea[])",
        organization_id,
        list(sessions),
    )
    found: dict[bytes, list[Sighting]] = {session: [] for session in sessions}
    for row in rows:
        found[row["session"]].append(Sighting(row["occurred_at"], row["evidence_id"], _evidence(row)))
    return found


async def complete(connection: Connection, organization_id: int, moves: Sequence[Move]) -> None:
    """Note where events count from now on, and their cost."""
    await connection.execute(
        _COMPLETE,
        organization_id,
        [move.event.event_id for move in moves],
        [move.place.window_id for move in moves],
        [move.price or 0 for move in moves],
    )


async def back_off(
    connection: Connection,
    organization_id: int,
    event_id: bytes,
    *,
    failure: str,
    retry_limit: int,
    retry_base: timedelta,
) -> None:
    """Try again later, or never again once the limit is reached; `failure` is the type of the error."""
    await connection.execute(_BACK_OFF, organization_id, event_id, failure, retry_limit, retry_base)


def _event(row: Record) -> TokenEvent:
    return TokenEvent(
        event_id=row["event_id"],
        team_id=row["team_id"],
        occurred_at=row["occurred_at"],
        dimensions=Dimensions(*(row[name] for name in Dimensions._fields)),
        tokens=TokenCounts(*(row[kind] for kind in TOKEN_KINDS)),
        evidence=_evidence(row),
        session=row["session"],
        window_id=row["window_id"],
        cost_nano_usd=row["cost_nano_usd"],
    )


def _evidence(row: Record) -> Evidence:
    return Evidence(row["artifact"], row["number"], row["commit"], row["branch"], row["repository"])
