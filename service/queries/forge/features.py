"""Features: what labels mean, as keyed hashes."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from schema.database import Tenant

# Of each label one feature at most, so that two who map it at once wait for each other.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('features', $1::bigint))"

_TAKEN = """
    SELECT held.label, feature.name
    FROM feature, unnest(feature.labels) AS held (label)
    WHERE feature.organization_id = $1 AND feature.name <> $2 AND held.label = ANY($3::bytea[])
    ORDER BY feature.name, held.label LIMIT 1
"""

_SAVE = """
    INSERT INTO feature AS known (organization_id, name, labels) VALUES ($1, $2, $3)
    ON CONFLICT (organization_id, name) DO UPDATE SET labels = excluded.labels
"""

_LIST = """
    SELECT feature.name, cardinality(feature.labels) AS labels, feature.created_at,
           (SELECT count(*) FROM pull_request_labels AS borne
            JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = borne.artifact_id
            WHERE borne.organization_id = $1 AND borne.labels && feature.labels AND pull_request.state = 'merged')
               AS merged_pull_requests
    FROM feature
    WHERE feature.organization_id = $1 AND ($2::text IS NULL OR feature.name = $2)
    ORDER BY feature.name
"""

_DROP = "DELETE FROM feature WHERE organization_id = $1 AND name = $2 RETURNING true"


class TakenLabel(NamedTuple):
    """A label that means another feature already."""

    label: bytes
    feature: str


async def save_feature(tenant: Tenant, name: str, labels: Sequence[bytes]) -> TakenLabel | None:
    """Let these labels and no others mean a feature; the first that means another one, and then nothing is stored."""
    await tenant.execute(_LOCK)
    taken = await tenant.fetchrow(_TAKEN, name, list(labels))
    if taken is not None:
        return TakenLabel(*taken)
    await tenant.execute(_SAVE, name, list(labels))
    return None


async def list_features(tenant: Tenant, name: str | None = None) -> Sequence[asyncpg.Record]:
    """Features by name: name, labels (their number), merged_pull_requests that bear one, created_at."""
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_LIST, name)
    return rows


async def drop_feature(tenant: Tenant, name: str) -> bool:
    """Let no label mean it any more; False when there is none."""
    return bool(await tenant.fetchval(_DROP, name))
