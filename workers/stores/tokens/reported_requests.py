"""Requests that telemetry reported, kept when their raw events are deleted, so that a later import counts them once."""

from datetime import date

from schema.database import Tenant
from vocabulary.imported_sources import BY_IMPORT, BY_TELEMETRY, IMPORTED_SOURCES
from workers.stores.tokens.raw_partitions import span

# Raw events of imports are told apart by what intake remembered of them.
_KEEP = """
INSERT INTO reported_request (organization_id, report_id)
SELECT DISTINCT $1::bigint, sha256($5::bytea || convert_to('/' || source || '/', 'UTF8') || request)
  FROM token_event AS event
 WHERE organization_id = $1 AND received_at >= $2 AND received_at < $3
   AND request IS NOT NULL AND source = ANY($4::text[])
   AND input_uncached + cache_read + cache_write + output_visible + output_reasoning > 0
   AND NOT EXISTS (
       SELECT FROM reported_request AS known
        WHERE known.organization_id = $1
          AND known.report_id = sha256($6::bytea || convert_to('/' || event.source || '/', 'UTF8') || event.request))
    ON CONFLICT (organization_id, report_id) DO NOTHING
"""


async def keep(tenant: Tenant, day: date) -> None:
    """Remember the requests of a day's raw events."""
    await tenant.execute(_KEEP, *span(day), sorted(IMPORTED_SOURCES), BY_TELEMETRY, BY_IMPORT)
