"""Spans that sum up an agent's requests. They count where no span of their trace reports a request.

A summary may arrive before the requests of its trace, from another process or exporter; then it is withdrawn as soon as
one of them arrives. Of summaries that sum up each other, the innermost count.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from service.http.event_packing import EventRow
from service.telemetry.hashing.places import Place
from service.telemetry.hashing.rows import IntakeRows, SummaryRow
from service.telemetry.measured.marks import add_marks, known_marks
from service.telemetry.measured.replacements import ADD, FIND, FORGET
from service.telemetry.measured.spans_once import marks_of, nested, spans_once
from service.telemetry.measured.withdrawals import derived_id, stored_event, withdrawal
from service.telemetry.reading.normalised import Dropped

# In place of the signal of a metric.
SUMMARY = "summary"


class NumberedSummary(NamedTuple):
    """A summary, and the index of the request that reported it."""

    request: int
    row: SummaryRow


class Summaries(NamedTuple):
    """Summaries that count, and those that others of their trace repeat."""

    counted: list[NumberedSummary]
    repeated: list[NumberedSummary]

    def dropped(self, requests: Sequence[IntakeRows]) -> list[Counter[Dropped]]:
        """Return what each request drops, with the summaries that do not count."""
        dropped = [Counter(request.dropped) for request in requests]
        for number, row in self.repeated:
            dropped[number][row.dropped] += 1
        return dropped


def summary_mark(trace: bytes) -> bytes:
    """Return the mark of a trace of which a summary counts."""
    return derived_id(SUMMARY.encode(), trace)


async def count_summaries(tenant: Tenant, requests: Sequence[IntakeRows], traces: Collection[bytes]) -> Summaries:
    """Decide which summaries count; `traces` have requests in the same transaction."""
    summaries = [NumberedSummary(number, row) for number, request in enumerate(requests) for row in request.summaries]
    if not summaries:
        return Summaries([], [])
    summaries.sort(key=lambda each: (each.row.span.event.occurred_at, each.row.span.place.span))
    others = {trace for request in requests for trace in request.traces}
    reported = {*traces, *others, *await known_marks(tenant, {each.row.span.trace for each in summaries} - {*traces})}
    alone = [each for each in summaries if each.row.span.trace not in reported]
    places = [_of_summary(each.row.span.place) for each in alone]
    own = {place.span for place in places}
    empty = [_of_summary(row.place) for request in requests for row in request.empty_spans if row.trace not in reported]
    ordered = [*nested([place for place in empty if place.span not in own], places)]
    verdict = spans_once(ordered, await known_marks(tenant, {mark for place in ordered for mark in marks_of(place)}))
    counts = {place.span for place, counts in zip(ordered, verdict.counts, strict=True) if counts}
    found = Summaries([], [each for each in summaries if each.row.span.trace in reported])
    for each, place in zip(alone, places, strict=True):
        (found.counted if place.span in counts else found.repeated).append(each)
        counts.discard(place.span)  # a body may repeat a span
    await add_marks(tenant, {*verdict.marks, *(summary_mark(each.row.span.trace) for each in found.counted)})
    return found


async def stand(tenant: Tenant, summaries: Summaries, added: Collection[bytes]) -> None:
    """Remember the events that were added from summaries, each with its trace."""
    spans = [row.span for _, row in summaries.counted if row.span.event.event_id in added]
    if spans:
        rows = [(span.event.event_id, summary_mark(span.trace), SUMMARY) for span in spans]
        await tenant.execute(ADD, *rows_as_columns(rows))


async def withdraw_summaries(
    tenant: Tenant, requests: Sequence[IntakeRows], summed: Collection[bytes]
) -> list[tuple[bytes, int, EventRow]]:
    """Return withdrawals of stored summaries, each with its trace and the id of its team.

    They are those of the `summed` traces, and of traces whose requests are counted otherwise than by spans.
    """
    others = {trace for request in requests for trace in request.traces}
    await add_marks(tenant, others)
    marks = {summary_mark(trace): trace for trace in (*summed, *others)}
    if not marks:
        return []
    stored = await tenant.fetch(FIND, sorted(marks))
    if stored:
        await tenant.execute(FORGET, sorted(row["event_id"] for row in stored))
    return [(marks[row["tally_id"]], row["team_id"], withdrawal(stored_event(row))) for row in stored]


def _of_summary(place: Place) -> Place:
    """Return the place among summaries only."""
    span, parent = (link and derived_id(SUMMARY.encode(), link) for link in (place.span, place.parent))
    return Place(span or b"", parent, (), place.is_empty)
