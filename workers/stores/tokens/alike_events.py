"""Token events that may report the same request as events of some batches."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from schema.vocabulary.layers import Layer
from workers.layers.neighbours import Span, connected, merge_spans, spans_beyond
from workers.layers.reports import FAR, RequestReport
from workers.stores.tokens.intake_batches import Batch, keys_of

MINUTE = timedelta(minutes=1)

_LAYERS = {layer.value: layer for layer in Layer}


class Witness(NamedTuple):
    """The layer of a source, and its group within the layer: requests of one witness are all different."""

    layer: Layer
    group: str


_MINUTES = """
SELECT DISTINCT date_trunc('minute', occurred_at) AS minute FROM token_event
 WHERE organization_id = $1 AND batch_id = ANY($2::bigint[]) AND received_at = ANY($3::timestamptz[])
"""

# Requests of equal counts or id reported by several witnesses, of which one is new, and others with the id of one of
# these. Events not folded yet do not take part, nor those a rule excludes, unless freed.
_ALIKE = """
WITH near AS MATERIALIZED (
    SELECT event_id, occurred_at, event.source, model, session, request,
           input_uncached + cache_read + cache_write AS input, output_visible + output_reasoning AS output,
           batch_id = ANY($4::bigint[]) AS is_new, seen.witness
      FROM unnest($2::timestamptz[], $3::timestamptz[]) AS span (begins, ends)
      JOIN token_event AS event
        ON event.organization_id = $1 AND event.occurred_at BETWEEN span.begins AND span.ends
      JOIN unnest($5::text[], $6::text[]) AS seen (source, witness) ON seen.source = event.source
     WHERE batch_id = ANY($4::bigint[])
        OR NOT EXISTS (SELECT FROM intake_batch AS open WHERE open.organization_id = $1
                          AND open.batch_id = event.batch_id AND open.state <> 'processed')
), counts AS (
    SELECT input, output FROM near WHERE input + output > 0
     GROUP BY input, output HAVING bool_or(is_new) AND count(DISTINCT witness) > 1
     UNION
    SELECT * FROM unnest($7::bigint[], $8::bigint[])
), ids AS (
    SELECT request FROM near WHERE request IS NOT NULL
     GROUP BY request HAVING bool_or(is_new) AND count(DISTINCT witness) > 1
     UNION
    SELECT request FROM near WHERE request IS NOT NULL AND (input, output) IN (SELECT input, output FROM counts)
)
SELECT near.*, (input, output) IN (SELECT input, output FROM counts) AS is_whole,
       aside.counted_id, coalesce(aside.counted_source, '') AS counted_source
  FROM near
  LEFT JOIN superseded_event AS aside ON aside.organization_id = $1 AND aside.event_id = near.event_id
 WHERE ((input, output) IN (SELECT input, output FROM counts) OR request IN (SELECT request FROM ids))
   AND (aside.event_id IS NULL OR aside.counted_id IS NOT NULL OR aside.event_id = ANY($9::bytea[]))
"""


class AlikeEvent(NamedTuple):
    """An event as one layer reports it; `counted_id` and `counted_source` name the event that counts instead so far."""

    report: RequestReport
    source: str
    session: bytes | None
    counted_id: bytes | None
    counted_source: str


async def load_alike(
    tenant: Tenant, batches: Sequence[Batch], witnesses: Mapping[str, Witness], freed: Collection[bytes] = ()
) -> list[AlikeEvent]:
    """Load events of these sources connected with any event of the batches, including those.

    Events excluded by a rule are left out, except the freed ones.
    """
    minutes = await tenant.fetch(_MINUTES, *keys_of(batches))
    spans = merge_spans(Span(row["minute"] - 2 * FAR, row["minute"] + MINUTE + 2 * FAR) for row in minutes)
    counts: set[tuple[int, int]] = set()
    while True:
        rows = await _load(tenant, batches, witnesses, spans, counts, freed)
        found = {row["event_id"]: row for row in rows}
        new = {row["event_id"] for row in rows if row["is_new"]}
        members = connected([_report(row) for row in rows], new)
        unseen = {(report.input, report.output) for report in members if not found[report.event_id]["is_whole"]}
        outside = spans_beyond(members, spans)
        if not outside and unseen <= counts:
            return [_alike(found[report.event_id], report) for report in members]
        counts |= unseen
        spans = merge_spans([*spans, *outside])


async def _load(
    tenant: Tenant,
    batches: Sequence[Batch],
    witnesses: Mapping[str, Witness],
    spans: Sequence[Span],
    counts: set[tuple[int, int]],
    freed: Collection[bytes],
) -> list[Record]:
    inputs, outputs = zip(*sorted(counts), strict=True) if counts else ((), ())
    rows: list[Record] = await tenant.fetch(
        _ALIKE,
        *rows_as_columns(list(spans)),
        [batch.batch_id for batch in batches],
        *rows_as_columns([(source, "/".join(witness)) for source, witness in sorted(witnesses.items())]),
        inputs,
        outputs,
        list(freed),
    )
    return rows


def _report(row: Record) -> RequestReport:
    layer, _, group = row["witness"].partition("/")
    return RequestReport(
        event_id=row["event_id"],
        layer=_LAYERS[layer],
        group=group,
        occurred_at=row["occurred_at"],
        model=row["model"],
        input=row["input"],
        output=row["output"],
        request=row["request"],
    )


def _alike(row: Record, report: RequestReport) -> AlikeEvent:
    return AlikeEvent(report, row["source"], row["session"], row["counted_id"], row["counted_source"])
