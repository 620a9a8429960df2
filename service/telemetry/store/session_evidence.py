"""Store session evidence once, and that a process began at the earliest instant at which its resource was seen."""

from collections.abc import Collection

from schema.database import Tenant, rows_as_columns
from service.telemetry.hashing.rows import EvidenceRow

# A resource says the same from the beginning of its process on, so only the earliest of its instants is kept.
_ADD = """
    INSERT INTO session_evidence AS known (
        organization_id, evidence_id, session, occurred_at, source, is_start,
        artifact, number, commit, branch, repository)
    SELECT $1::bigint, evidence.*
    FROM unnest(
        $2::bytea[], $3::bytea[], $4::timestamptz[], $5::text[], $6::boolean[],
        $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[], $11::bytea[]
    ) AS evidence
    ON CONFLICT (organization_id, evidence_id) DO UPDATE SET
        occurred_at = excluded.occurred_at, state = 'waiting'
     WHERE excluded.is_start AND excluded.occurred_at < known.occurred_at
    RETURNING evidence_id
"""


async def add_evidence(tenant: Tenant, evidence: Collection[EvidenceRow]) -> set[bytes]:
    """Store evidence; return the ids of what was new or began earlier than known."""
    if not evidence:
        return set()
    earliest: dict[bytes, EvidenceRow] = {}
    for row in evidence:
        known = earliest.setdefault(row.evidence_id, row)
        if row.occurred_at < known.occurred_at:
            earliest[row.evidence_id] = row
    # In the order of ids, so that writers do not deadlock.
    rows = [
        (row.evidence_id, row.session, row.occurred_at, row.source, row.is_start, *row.links)
        for _, row in sorted(earliest.items())
    ]
    return {row["evidence_id"] for row in await tenant.fetch(_ADD, *rows_as_columns(rows))}
