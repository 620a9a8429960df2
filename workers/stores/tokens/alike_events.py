"""Token events that may report the same request as events of some batches."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from workers.layers.neighbours import connected, merge_spans, spans_beyond
from workers.layers.reports import RequestReport
from workers.stores.tokens.clear_copies import Unclear
from workers.stores.tokens.intake_batches import Batch
from workers.stores.tokens.near_events import NEAR_EVENTS, Witnesses, near_arguments

# Events of these counts, and others with these ids or the id of one of them. Those a rule excludes do not take part,
# unless freed.
_ALIKE = f"""
WITH near AS MATERIALIZED ({NEAR_EVENTS}), counts AS (
    SELECT * FROM unnest($6::bigint[], $7::bigint[]) AS counts (input, output)
), ids AS (
    SELECT unnest($8::bytea[]) AS request
     UNION
    SELECT request FROM near WHERE request IS NOT NULL AND (input, output) IN (SELECT input, output FROM counts)
)
SELECT near.*, (input, output) IN (SELECT input, output FROM counts) AS is_whole,
       aside.counted_id, coalesce(aside.counted_source, '') AS counted_source
  FROM near
  LEFT JOIN superseded_event AS aside ON aside.organization_id = $1 AND aside.event_id = near.event_id
 WHERE ((input, output) IN (SELECT input, output FROM counts) OR request IN (SELECT request FROM ids))
   AND (aside.event_id IS NULL OR aside.counted_id IS NOT NULL OR aside.event_id = ANY($9::bytea[]))
"""  # noqa: S608 - fixed names


class AlikeEvent(NamedTuple):
    """An event as one layer reports it; `counted_id` and `counted_source` name the event that counts instead so far."""

    report: RequestReport
    source: str
    session: bytes | None
    is_new: bool
    counted_id: bytes | None
    counted_source: str


async def load_alike(
    tenant: Tenant, batches: Sequence[Batch], witnesses: Witnesses, unclear: Unclear, freed: Collection[bytes] = ()
) -> list[AlikeEvent]:
    """Load unclear events of the batches, and all that are connected with them.

    Events excluded by a rule are left out, except the freed ones.
    """
    counts, spans = unclear.counts, unclear.spans
    while spans:
        rows = await _load(tenant, batches, witnesses, Unclear(counts, unclear.requests, spans), freed)
        found = {row["event_id"]: row for row in rows}
        new = {row["event_id"] for row in rows if row["is_new"]}
        members = connected([_report(row, witnesses) for row in rows], new)
        unseen = {(report.input, report.output) for report in members if not found[report.event_id]["is_whole"]}
        outside = spans_beyond(members, spans)
        if not outside and unseen <= counts:
            return [_alike(found[report.event_id], report, witnesses) for report in members]
        counts = counts | unseen
        spans = merge_spans([*spans, *outside])
    return []


async def _load(
    tenant: Tenant, batches: Sequence[Batch], witnesses: Witnesses, wanted: Unclear, freed: Collection[bytes]
) -> list[Record]:
    inputs, outputs = rows_as_columns(sorted(wanted.counts)) or ([], [])
    arguments = near_arguments(wanted.spans, batches, witnesses)
    rows: list[Record] = await tenant.fetch(_ALIKE, *arguments, inputs, outputs, sorted(wanted.requests), list(freed))
    return rows


def _report(row: Record, witnesses: Witnesses) -> RequestReport:
    layer, group = witnesses.of_source[row["source_number"] - 1]
    return RequestReport(
        event_id=row["event_id"],
        layer=layer,
        group=group,
        occurred_at=row["occurred_at"],
        model=row["model"],
        input=row["input"],
        output=row["output"],
        request=row["request"],
    )


def _alike(row: Record, report: RequestReport, witnesses: Witnesses) -> AlikeEvent:
    source = witnesses.sources[row["source_number"] - 1]
    return AlikeEvent(report, source, row["session"], row["is_new"], row["counted_id"], row["counted_source"])
