"""Which sources have told token events that may still live: whether there are several layers at all."""

from collections.abc import Collection
from datetime import timedelta

from schema.database import Tenant

# Longer than any token event lives.
REMEMBERED = timedelta(days=10)

# Not again within the hour, so that the row is seldom written.
_SEE = """
INSERT INTO known_source AS known (organization_id, source)
SELECT $1::bigint, source FROM unnest($2::text[]) AS reported (source)
    ON CONFLICT (organization_id, source) DO UPDATE SET seen_at = now()
 WHERE known.seen_at < now() - interval '1 hour'
"""

_SEEN = """
SELECT source FROM known_source WHERE organization_id = $1 AND seen_at > now() - $2::interval ORDER BY source
"""


async def see_sources(tenant: Tenant, sources: Collection[str]) -> list[str]:
    """Note these sources; they and all others that were seen of late, in order."""
    await tenant.execute(_SEE, sorted(sources))
    return [row["source"] for row in await tenant.fetch(_SEEN, REMEMBERED)]
