"""Activity of pull requests, and the commits that belong to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schema.database import Connection
from schema.tables.forge import ActivityKind, AliasKind

# The same activity told twice counts once, at the earlier of both instants: later ones are guesses.
_STORE_ACTIVITY = """
INSERT INTO activity AS known (organization_id, artifact_id, kind, reference, occurred_at)
SELECT $1, $2, kind, reference, occurred_at
  FROM unnest($3::text[], $4::bytea[], $5::timestamptz[]) AS told (kind, reference, occurred_at)
    ON CONFLICT (organization_id, artifact_id, kind, reference)
    DO UPDATE SET occurred_at = excluded.occurred_at
        WHERE known.organization_id = $1 AND known.occurred_at > excluded.occurred_at
RETURNING occurred_at
"""

_STORE_COMMITS = """
INSERT INTO artifact_alias (organization_id, kind, alias, artifact_id, first_seen_at)
SELECT $1, $2, alias, $3, $5 FROM unnest($4::bytea[]) AS told (alias)
    ON CONFLICT (organization_id, kind, alias, artifact_id) DO NOTHING
RETURNING alias
"""


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One instant of work on a pull request; `reference` is a hash."""

    kind: ActivityKind
    reference: bytes
    occurred_at: datetime


async def store_activity(
    connection: Connection, organization_id: int, artifact_id: bytes, told: Iterable[ActivityRow]
) -> list[datetime]:
    """Keep activity; returns the instants that are new."""
    earliest: dict[tuple[str, bytes], datetime] = {}
    for row in told:
        key = (row.kind.value, row.reference)
        earliest[key] = min(row.occurred_at, earliest.get(key, row.occurred_at))
    if not earliest:
        return []
    kinds, references = zip(*earliest, strict=True)
    rows = await connection.fetch(
        _STORE_ACTIVITY, organization_id, artifact_id, list(kinds), list(references), list(earliest.values())
    )
    return [row["occurred_at"] for row in rows]


async def store_commits(
    connection: Connection, organization_id: int, artifact_id: bytes, commits: Iterable[bytes], seen_at: datetime
) -> list[bytes]:
    """Let commits mean a pull request; returns those that are new. A commit may belong to several."""
    rows = await connection.fetch(
        _STORE_COMMITS, organization_id, AliasKind.COMMIT, artifact_id, sorted(set(commits)), seen_at
    )
    return [row["alias"] for row in rows]
