"""Stored session trails, other session evidence, and which sessions must be linked again."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from schema.database import Tenant, rows_as_columns
from vocabulary.session_evidence import EvidenceSource
from workers.attribution.links import Segment, Sighting
from workers.attribution.model import Evidence
from workers.attribution.session_trail import Run, SessionTrail, Span
from workers.stores.row_parts import part_of

_CLAIM = """
SELECT session FROM session_evidence WHERE organization_id = $1 AND state = 'waiting'
 UNION
SELECT session FROM session_trail WHERE organization_id = $1 AND state = 'waiting'
 LIMIT $2
"""

_LOAD = "SELECT session, trail FROM session_trail WHERE organization_id = $1 AND session = ANY($2::bytea[])"

_MARKED = ("evidence_id", "session", "occurred_at", *Evidence._fields)
_EVIDENCE = part_of(_MARKED, Evidence._fields)

_LOAD_MARKS = f"""
SELECT {", ".join(_MARKED)}, is_start, source, state = 'waiting' AS is_new
  FROM session_evidence WHERE organization_id = $1 AND session = ANY($2::bytea[])
"""  # noqa: S608 - fixed names

_SAVE = """
INSERT INTO session_trail AS kept (organization_id, session, trail, places, received_at)
SELECT $1, saved.session, saved.trail, saved.places::bytea[], coalesce($5, now())
  FROM unnest($2::bytea[], $3::bytea[], $4::text[]) AS saved (session, trail, places)
    ON CONFLICT (organization_id, session) DO UPDATE SET
       trail = excluded.trail, places = excluded.places, state = 'processed',
       received_at = greatest(kept.received_at, coalesce($5, kept.received_at))
"""

_MARK_PROCESSED = """
UPDATE session_evidence SET state = 'processed' WHERE organization_id = $1 AND evidence_id = ANY($2::bytea[])
"""

# Telemetry shows where a session is, and not when it went there.
SHOWING = frozenset({EvidenceSource.RECORD, EvidenceSource.RESOURCE})

_SKIP = """
WITH evidence AS (
    UPDATE session_evidence SET state = 'processed'
     WHERE organization_id = $1 AND session = ANY($2::bytea[]) AND state = 'waiting'
)
UPDATE session_trail SET state = 'processed' WHERE organization_id = $1 AND session = ANY($2::bytea[])
"""


class Marks(NamedTuple):
    """Session evidence besides token events, by session, and the ids of new evidence."""

    of_session: dict[bytes, list[Sighting]]
    new: list[bytes]


class _Own(msgspec.Struct, array_like=True):
    evidence: Evidence
    span: Span
    segments: tuple[Segment, ...]


class _Stored(msgspec.Struct, array_like=True):
    runs: tuple[Run, ...]
    owns: list[_Own]


_DECODER = msgspec.msgpack.Decoder(_Stored)
_ENCODER = msgspec.msgpack.Encoder()


async def claim(tenant: Tenant, limit: int) -> list[bytes]:
    """Return sessions to link again: they have new evidence, or a branch turned out to be a trunk."""
    return sorted(row["session"] for row in await tenant.fetch(_CLAIM, limit))


async def load(tenant: Tenant, sessions: Collection[bytes]) -> dict[bytes, SessionTrail]:
    """Return the trails of the sessions that have one."""
    rows = await tenant.fetch(_LOAD, sorted(sessions))
    return {row["session"]: _decode(row["trail"]) for row in rows}


async def load_marks(tenant: Tenant, sessions: Collection[bytes]) -> Marks:
    """Return session evidence besides token events."""
    marks = Marks({}, [])
    for row in await tenant.fetch(_LOAD_MARKS, sorted(sessions)):
        sighting = Sighting(
            row["occurred_at"],
            row["evidence_id"],
            Evidence._make(row[_EVIDENCE]),
            is_start=row["is_start"],
            is_exact=row["source"] not in SHOWING,
        )
        marks.of_session.setdefault(row["session"], []).append(sighting)
        if row["is_new"]:
            marks.new.append(row["evidence_id"])
    return marks


async def mark_processed(tenant: Tenant, marks: Marks) -> None:
    """Mark new evidence as processed."""
    if marks.new:
        await tenant.execute(_MARK_PROCESSED, marks.new)


async def save(tenant: Tenant, trails: Mapping[bytes, SessionTrail], received_at: datetime | None) -> None:
    """Save trails; `received_at` is when their last event arrived, None without new events."""
    if trails:
        rows = [(session, _encode(trail), _places(trail)) for session, trail in sorted(trails.items())]
        await tenant.execute(_SAVE, *rows_as_columns(rows), received_at)


async def skip(tenant: Tenant, sessions: Collection[bytes]) -> None:
    """Keep sessions linked as they are."""
    await tenant.execute(_SKIP, sorted(sessions))


def _encode(trail: SessionTrail) -> bytes:
    owns = [_Own(evidence, span, tuple(trail.linked[evidence])) for evidence, span in trail.spans.items()]
    return _ENCODER.encode(_Stored(trail.runs, owns))


def _decode(raw: bytes) -> SessionTrail:
    stored = _DECODER.decode(raw)
    return SessionTrail(
        stored.runs,
        {own.evidence: own.span for own in stored.owns},
        {own.evidence: own.segments for own in stored.owns},
    )


def _places(trail: SessionTrail) -> str:
    """Return each branch that an event named, with and without repository, as the text of an array."""
    places = {
        (run.evidence.branch + (run.evidence.repository or b"")).hex()
        for run in trail.runs
        if run.evidence.branch is not None
    }
    return "{" + ",".join(f'"\\\\x{place}"' for place in sorted(places)) + "}"
