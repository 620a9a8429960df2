"""What telemetry reported, kept when its raw events are deleted, so that a later import counts each request once."""

from collections import defaultdict
from datetime import date, datetime
from typing import TypeAlias

from schema.database import Tenant, rows_as_columns
from vocabulary.imported_sources import (
    BY_IMPORT,
    BY_TELEMETRY,
    IMPORTED_SOURCES,
    METERED_BY_SERVICE,
    METRICS,
)
from vocabulary.model_keys import model_key
from vocabulary.tokens import TOKEN_KINDS, TokenCounts
from workers.stores.tokens.raw_partitions import span

# Team, source, hour, and a key of vocabulary/model_keys.py.
_Hour: TypeAlias = tuple[int, str, datetime, str]

_TOTAL = " + ".join(f"event.{kind}" for kind in TOKEN_KINDS)
_OF_DAY = f"""
event.organization_id = $1 AND event.received_at >= $2 AND event.received_at < $3
   AND event.source = ANY($4::text[]) AND {_TOTAL} > 0
"""
# Raw events of imports are told apart by what intake remembered of them.
_KEEP = f"""
INSERT INTO reported_request (organization_id, report_id)
SELECT DISTINCT $1::bigint, sha256($5::bytea || convert_to('/' || source || '/', 'UTF8') || request)
  FROM token_event AS event
 WHERE {_OF_DAY} AND request IS NOT NULL
   AND NOT EXISTS (
       SELECT FROM reported_request AS known
        WHERE known.organization_id = $1
          AND known.report_id = sha256($6::bytea || convert_to('/' || event.source || '/', 'UTF8') || event.request))
    ON CONFLICT (organization_id, report_id) DO NOTHING
"""  # noqa: S608 - fixed names

_IS_METERED = """
EXISTS (SELECT FROM metric_event AS metric WHERE metric.organization_id = $1 AND metric.event_id = event.event_id)
"""
# Events that could not be folded are not counted, so that an import may fill them.
_IS_COUNTED = """
event.batch_id <> ALL(ARRAY(SELECT batch_id FROM intake_batch WHERE organization_id = $1 AND state <> 'processed'))
"""
_KEEP_UNNAMED = f"""
INSERT INTO unnamed_request AS kept (organization_id, source, input, output, half_hour, requests)
SELECT $1::bigint, source, input_uncached + cache_read + cache_write, output_visible + output_reasoning,
       date_bin('30 minutes', occurred_at, '2000-01-01 00:00+00'), count(*)
  FROM token_event AS event
 WHERE {_OF_DAY} AND request IS NULL AND {_IS_COUNTED} AND NOT {_IS_METERED}
   AND NOT EXISTS (SELECT FROM idempotency_key AS known
                    WHERE known.organization_id = $1 AND known.event_id = event.event_id)
   AND NOT EXISTS (SELECT FROM token_event AS withdrawn
                    WHERE withdrawn.organization_id = $1
                      AND withdrawn.event_id = sha256('withdrawn'::bytea || event.event_id))
 GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (organization_id, source, input, output, half_hour)
    DO UPDATE SET requests = kept.requests + excluded.requests, seen_at = excluded.seen_at
"""  # noqa: S608 - fixed names

_METERED = f"""
SELECT team_id, source, date_bin('1 hour', occurred_at, '2000-01-01 00:00+00') AS hour, model,
       {", ".join(f"sum({kind})::bigint AS {kind}" for kind in TOKEN_KINDS)}
  FROM token_event AS event
 WHERE {_OF_DAY} AND {_IS_COUNTED} AND {_IS_METERED}
 GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - fixed names
_KEEP_METERED = f"""
INSERT INTO metered_hour AS kept (organization_id, team_id, source, hour, model, reporter, {", ".join(TOKEN_KINDS)})
SELECT $1::bigint, added.*
  FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[],
              $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[]) AS added
    ON CONFLICT (organization_id, team_id, source, hour, model, reporter)
    DO UPDATE SET {", ".join(f"{kind} = kept.{kind} + excluded.{kind}" for kind in TOKEN_KINDS)},
                  seen_at = excluded.seen_at
"""  # noqa: S608 - fixed names

SECONDS = 600.0


async def keep(tenant: Tenant, day: date) -> None:
    """Remember the ids of the requests of a day's raw events. Twice is the same as once."""
    await tenant.execute(_KEEP, *span(day), sorted(IMPORTED_SOURCES), BY_TELEMETRY, BY_IMPORT)


async def keep_sums(tenant: Tenant, day: date) -> None:
    """Remember the sizes of requests without an id, and hours of metrics; in the transaction that deletes the day."""
    connection, organization_id = tenant.connection, tenant.organization_id
    sources = sorted(IMPORTED_SOURCES)
    await connection.execute(_KEEP_UNNAMED, organization_id, *span(day), sources, timeout=SECONDS)
    # Of the other sources, intake keeps the hours of metrics itself.
    compared = sorted(IMPORTED_SOURCES - METERED_BY_SERVICE)
    hours: defaultdict[_Hour, TokenCounts] = defaultdict(TokenCounts)
    for row in await connection.fetch(_METERED, organization_id, *span(day), compared, timeout=SECONDS):
        tokens = TokenCounts(*(row[kind] for kind in TOKEN_KINDS))
        place = row["team_id"], row["source"], row["hour"], model_key(row["model"])
        hours[place] = hours[place].plus(tokens)
    if hours:
        rows = [(*place, METRICS, *tokens) for place, tokens in sorted(hours.items())]
        await tenant.execute(_KEEP_METERED, *rows_as_columns(rows))
