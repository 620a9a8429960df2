"""Features and their labels, which are keyed hashes."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from schema.database import Tenant

# A label belongs to one feature at most, so concurrent changes wait for each other.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('features', $1::bigint))"

_TAKEN = """
    SELECT taken.label, feature.name AS feature
    FROM feature, unnest(feature.labels) AS taken (label)
    WHERE feature.organization_id = $1 AND feature.name <> $2 AND taken.label = ANY($3::bytea[])
    ORDER BY feature.name, taken.label LIMIT 1
"""

_SAVE = """
    INSERT INTO feature AS known (organization_id, name, labels) VALUES ($1, $2, $3)
    ON CONFLICT (organization_id, name) DO UPDATE SET labels = excluded.labels
"""

_LIST = """
    SELECT feature.name, cardinality(feature.labels) AS labels, feature.created_at,
           (SELECT count(*) FROM pull_request_labels AS labelled
            JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = labelled.artifact_id
            WHERE labelled.organization_id = $1 AND labelled.labels && feature.labels AND pull_request.state = 'merged')
               AS merged_pull_requests
    FROM feature
    WHERE feature.organization_id = $1 AND ($2::text IS NULL OR feature.name = $2)
    ORDER BY feature.name
"""

_DROP = "DELETE FROM feature WHERE organization_id = $1 AND name = $2 RETURNING true"

# A worker rolls up the spend of pull requests with these labels again, and with those of the feature until now.
_NOTE = """
    INSERT INTO stale_spend (organization_id, artifact_id)
    SELECT $1::bigint, artifact_id FROM pull_request_labels
    WHERE organization_id = $1
      AND labels && ($3::bytea[] || coalesce(
          (SELECT feature.labels FROM feature WHERE feature.organization_id = $1 AND feature.name = $2), '{}'))
"""


class TakenLabel(NamedTuple):
    """A label that already belongs to another feature."""

    label: bytes
    feature: str


async def save_feature(tenant: Tenant, name: str, labels: Sequence[bytes]) -> TakenLabel | None:
    """Set the labels of a feature; stores nothing and returns the first label that belongs to another feature."""
    await tenant.execute(_LOCK)
    taken = await tenant.fetchrow(_TAKEN, name, list(labels))
    if taken is not None:
        return TakenLabel(**taken)
    await tenant.execute(_NOTE, name, list(labels))
    await tenant.execute(_SAVE, name, list(labels))
    return None


async def list_features(tenant: Tenant, name: str | None = None) -> Sequence[asyncpg.Record]:
    """Return features by name: name, labels and merged_pull_requests (both counts), created_at."""
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_LIST, name)
    return rows


async def drop_feature(tenant: Tenant, name: str) -> bool:
    """Delete a feature; False if there is no such feature."""
    await tenant.execute(_NOTE, name, [])
    return bool(await tenant.fetchval(_DROP, name))
