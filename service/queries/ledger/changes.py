"""Changes that explain curves: store, list and delete."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from schema.database import Tenant, rows_as_columns

_SAVE = """
    INSERT INTO change AS known (organization_id, identity, kind, occurred_at, team_id, workflow, from_value, to_value,
                                 source, label, given, held_back)
    SELECT $1::bigint, identity, kind, occurred_at, team_id, workflow, from_value, to_value, source, label,
           given::bigint[], held_back::bigint[]
    FROM unnest($2::bytea[], $3::text[], $4::timestamptz[], $5::bigint[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::text[])
         AS sent (identity, kind, occurred_at, team_id, workflow, from_value, to_value, source, label, given, held_back)
    ON CONFLICT (organization_id, identity) DO UPDATE
       SET kind = excluded.kind, occurred_at = excluded.occurred_at, team_id = excluded.team_id,
           workflow = excluded.workflow, from_value = excluded.from_value, to_value = excluded.to_value,
           source = excluded.source, label = excluded.label, given = excluded.given, held_back = excluded.held_back
     WHERE known.organization_id = $1
       AND (known.kind, known.occurred_at, known.team_id, known.workflow, known.from_value, known.to_value,
            known.source, known.label, known.given, known.held_back)
           IS DISTINCT FROM (excluded.kind, excluded.occurred_at, excluded.team_id, excluded.workflow,
                             excluded.from_value, excluded.to_value, excluded.source, excluded.label, excluded.given,
                             excluded.held_back)
    RETURNING change_id
"""

# A team is also affected by changes of all teams.
_LIST = """
    SELECT change_id AS id, kind, occurred_at, team.name AS team, workflow, from_value, to_value,
           CASE WHEN found THEN 'found' ELSE source END AS source, label, found,
           (SELECT array_agg(given_to.name ORDER BY given_to.name) FROM team AS given_to
             WHERE given_to.organization_id = $1 AND given_to.team_id = ANY(change.given)) AS given,
           (SELECT array_agg(held.name ORDER BY held.name) FROM team AS held
             WHERE held.organization_id = $1 AND held.team_id = ANY(change.held_back)) AS held_back
    FROM change
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = change.team_id
    WHERE change.organization_id = $1
      AND ($2::bigint IS NULL OR change.team_id = $2 OR change.team_id IS NULL)
      AND ($3::timestamptz IS NULL OR occurred_at >= $3) AND ($4::timestamptz IS NULL OR occurred_at < $4)
      AND ($5::timestamptz IS NULL OR (occurred_at, change_id) > ($5, $6::bigint))
      AND ($8::text IS NULL OR CASE WHEN found THEN 'found' ELSE source END = $8)
    ORDER BY occurred_at, change_id
    LIMIT $7
"""

_FIND = """
    SELECT found FROM change
    WHERE organization_id = $1 AND change_id = $2 AND ($3::bigint IS NULL OR team_id = $3)
"""
_DELETE = "DELETE FROM change WHERE organization_id = $1 AND change_id = $2"

# The key by which changes are listed.
Position = tuple[datetime, int]


class StoredChange(NamedTuple):
    """A row of `change` that a client sent; team ids of a roll-out by chance as PostgreSQL writes arrays: `{1,2}`."""

    identity: bytes
    kind: str
    occurred_at: datetime
    team_id: int | None
    workflow: str
    from_value: str
    to_value: str
    source: str
    label: str
    given: str | None
    held_back: str | None


async def save_changes(tenant: Tenant, changes: Sequence[StoredChange]) -> int:
    """Store changes, of each identity the last; return how many were new or different."""
    latest = {each.identity: each for each in changes}
    if not latest:
        return 0
    return len(await tenant.fetch(_SAVE, *rows_as_columns([latest[identity] for identity in sorted(latest)])))


async def list_changes(
    tenant: Tenant,
    period: tuple[datetime | None, datetime | None],
    team_id: int | None,
    after: Position | None,
    limit: int,
    source: str | None = None,
) -> list[asyncpg.Record]:
    """Return the rows of ChangeShown in a half-open period, of a team and of all teams together, or of every team.

    `source` limits them to those that one system reported, or that were `found`.
    """
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST, team_id, *period, *(after or (None, None)), limit, source)
    return rows


async def is_found(tenant: Tenant, change_id: int, team_id: int | None) -> bool | None:
    """Return whether a worker found a change, None if it does not exist, or belongs to another team than this one."""
    found: bool | None = await tenant.fetchval(_FIND, change_id, team_id)
    return found


async def delete_change(tenant: Tenant, change_id: int) -> None:
    """Delete a change."""
    await tenant.execute(_DELETE, change_id)
