"""Sources with recent token events, which show whether several of them may report one request."""

from collections.abc import Collection
from datetime import timedelta

from schema.database import Tenant

# Longer than the retention of token events.
REMEMBERED = timedelta(days=10)

# At most once per hour, so that the row is rarely written.
_SEE = """
INSERT INTO known_source AS known (organization_id, source)
SELECT $1::bigint, source FROM unnest($2::text[]) AS reported (source)
    ON CONFLICT (organization_id, source) DO UPDATE SET seen_at = now()
 WHERE known.seen_at < now() - interval '1 hour'
"""

_SEEN = """
SELECT source FROM known_source WHERE organization_id = $1 AND seen_at > now() - $2::interval ORDER BY source
"""


async def record_sources(tenant: Tenant, sources: Collection[str]) -> list[str]:
    """Record these sources; return all recent ones, in order."""
    await tenant.execute(_SEE, sorted(sources))
    return [row["source"] for row in await tenant.fetch(_SEEN, REMEMBERED)]
