"""Turn spans and metric points into token events, exactly once, in the transaction that stores them.

The tally of each service is locked first, so that requests about one service are processed one after another. Series,
points and spans that were counted before are known by keyed hashes; see growth, spans_once and tallies for the rules.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from schema.database import Tenant, rows_as_columns
from schema.interpreter import aside
from service.telemetry.hashing.places import Place
from service.telemetry.hashing.rows import IntakeRows, PointRow, SpanRow
from service.telemetry.measured.additions import Additions, Counted, may_replace, tallies_of
from service.telemetry.measured.growth import Series, grow
from service.telemetry.measured.marks import add_marks, known_marks
from service.telemetry.measured.metric_groups import MetricGroups, load_groups, metric_group
from service.telemetry.measured.replacements import load_replacements
from service.telemetry.measured.sessions import NumberedEvent, events_of, known_sessions, stored_totals
from service.telemetry.measured.spans_once import marks_of, nested, spans_once
from service.telemetry.measured.summaries import count_summaries, stand, summary_mark, withdraw_summaries
from service.telemetry.measured.taken_back import TakenBack
from service.telemetry.measured.tally_rows import lock_tallies, save_tallies
from service.telemetry.reading.normalised import Part, TokenSignal

FIND_SERIES = """
    SELECT series_id, value, moment FROM metric_series
    WHERE organization_id = $1 AND series_id = ANY($2::bytea[])
"""
SAVE_SERIES = """
    INSERT INTO metric_series (organization_id, series_id, value, moment)
    SELECT $1::bigint, series.* FROM unnest($2::bytea[], $3::bigint[], $4::bigint[]) AS series
    ON CONFLICT (organization_id, series_id) DO UPDATE
    SET value = excluded.value, moment = excluded.moment, seen_at = now()
"""
# Exporters repeat idle series as long as their process lives; `seen_at` keeps those from being deleted.
SEE_SERIES = """
    UPDATE metric_series SET seen_at = now()
    WHERE organization_id = $1 AND series_id = ANY($2::bytea[]) AND seen_at < now() - interval '1 day'
"""
# Instruments of one export are stamped microseconds apart, exports at least a second. In nanoseconds.
ONE_EXPORT = 100_000_000


class NumberedSpan(NamedTuple):
    """A span, and the index of the request that reported it."""

    request: int
    row: SpanRow


class NumberedPoint(NamedTuple):
    """A point, and the index of the request that reported it."""

    request: int
    row: PointRow


class CountedSpans(NamedTuple):
    """Spans that count, and the traces of which a summary was counted before."""

    counted: list[Counted]
    summed: list[bytes]


async def measured(tenant: Tenant, requests: Sequence[IntakeRows]) -> Sequence[IntakeRows]:
    """Return the requests, with the new tokens of their spans and points added as events."""
    known, begun = await known_sessions(tenant, requests)
    logged = events_of(requests, known | begun)
    if not logged and not any(map(_is_measured, requests)):
        return requests
    services = {event.tally for event in logged}
    services |= {row.tally for request in requests for row in request.spans}
    services |= {row.span.tally for request in requests for row in request.summaries}
    services |= {row.tally for request in requests for row in request.points}
    tallies = await lock_tallies(tenant, services) if services else {}
    for session, total in (await stored_totals(tenant, begun)).items():
        tallies[session][TokenSignal.LOGS] = total
    taken_back = TakenBack(request.corrections for request in requests)
    spans = await _count_spans(tenant, requests)
    reported = [row for request in requests for row in request.spans if any(row.event.tokens)]
    summaries = await count_summaries(tenant, requests, {row.trace for row in reported})
    withdrawn = await withdraw_summaries(tenant, requests, spans.summed)
    replacing = {row.trace: row.tally for row in reported if not row.repeats_logs}
    for trace, _, event in withdrawn:
        if trace in replacing:
            taken_back.add(replacing[trace], event.tokens)
    # The most detailed first.
    counted = [
        *await _count_records(tenant, logged),
        *spans.counted,
        *(Counted(number, row.span.tally, TokenSignal.SPANS, row.span.event) for number, row in summaries.counted),
        *await _count_points(tenant, requests),
    ]
    replacements = await load_replacements(tenant, {each.tally for each in counted if may_replace(each, tallies)})
    added = Additions(len(requests), tallies, taken_back, replacements)
    await aside(len(counted), added.add_all, counted)
    await save_tallies(tenant, tallies_of(counted, tallies))
    replaced = await replacements.save(tenant, added.replaceable)
    metered = {event_id for event_id, _, _ in added.replaceable} | {event.event_id for _, event in replaced}
    corrections = replaced + [(team_id, event) for _, team_id, event in withdrawn]
    await stand(tenant, summaries, {row.event_id for rows in added.events for row in rows})
    dropped = summaries.dropped(requests)
    tallied = {each.row.event_id for each in logged}
    return [
        msgspec.structs.replace(
            request,
            events=[*(row for row in request.events if row.event_id not in tallied), *events],
            corrections=[*request.corrections, *(corrections if number == 0 else ())],
            metered=metered if number == 0 else (),
            dropped=dropped[number],
        )
        for number, (request, events) in enumerate(zip(requests, added.events, strict=True))
    ]


def _is_measured(request: IntakeRows) -> bool:
    return bool(request.spans or request.points or request.empty_spans or request.summaries or request.traces)


async def _count_records(tenant: Tenant, logged: Sequence[NumberedEvent]) -> list[Counted]:
    if not logged:
        return []
    ids = await add_marks(tenant, {each.row.event_id for each in logged})
    return [
        Counted(number, tally, TokenSignal.LOGS, row, in_full=not by_session, is_superseded=is_superseded)
        for number, tally, row, by_session, is_superseded in sorted(logged, key=lambda event: event.row.occurred_at)
        if row.event_id in ids
    ]


async def _count_spans(tenant: Tenant, requests: Sequence[IntakeRows]) -> CountedSpans:
    spans = [NumberedSpan(number, row) for number, request in enumerate(requests) for row in request.spans]
    spans = await aside(len(spans), _in_order, spans)
    traces = {span.row.trace for span in spans}
    empty = [row for request in requests for row in request.empty_spans]
    if empty:
        known_traces = {row.trace for row in empty} - traces
        traces_with_tokens = traces | await known_marks(tenant, known_traces)
        empty = [row for row in empty if row.trace in traces_with_tokens]
    if not spans and not empty:
        return CountedSpans([], [])
    size = len(spans) + len(empty)
    places, marks = await aside(size, _placed, [row.place for row in empty], [span.row.place for span in spans])
    summed = {summary_mark(span.row.trace): span.row.trace for span in spans if any(span.row.event.tokens)}
    known = await known_marks(tenant, {*summed, *marks})
    verdict = await aside(size, spans_once, places, known - summed.keys())
    await add_marks(tenant, {*verdict.marks, *traces})
    counts = {place.span for place, counts in zip(places, verdict.counts, strict=True) if counts}
    counted = []
    for number, row in spans:
        if row.place.span in counts:
            counts.remove(row.place.span)  # a body may repeat a span
            counted.append(Counted(number, row.tally, TokenSignal.SPANS, row.event, row.repeats_logs))
    return CountedSpans(counted, [trace for mark, trace in summed.items() if mark in known])


def _placed(empty: list[Place], reported: list[Place]) -> tuple[list[Place], set[bytes]]:
    """Return the places of spans in the order in which they are looked at, and the marks that decide about them."""
    places = [*nested(empty, reported)]
    return places, {mark for place in {*places} for mark in marks_of(place)}


def _in_order(spans: list[NumberedSpan]) -> list[NumberedSpan]:
    spans.sort(key=lambda span: (span.row.event.occurred_at, span.row.place.span))
    return _richest_first(spans)


def _richest_first(spans: list[NumberedSpan]) -> list[NumberedSpan]:
    """Put the one with the most kinds first of spans of different traces that report one response."""
    by_response: dict[bytes, list[int]] = defaultdict(list)
    for index, (_, row) in enumerate(spans):
        for mark in row.place.responses[:1]:
            by_response[mark].append(index)
    ordered = list(spans)
    for first, *others in by_response.values():
        richest = max((first, *others), key=lambda index: sum(map(bool, spans[index].row.event.tokens)))
        if spans[richest].row.trace != spans[first].row.trace:
            ordered[first], ordered[richest] = spans[richest], spans[first]
    return ordered


async def _count_points(tenant: Tenant, requests: Sequence[IntakeRows]) -> list[Counted]:
    points = [NumberedPoint(number, row) for number, request in enumerate(requests) for row in request.points]
    cumulative = sorted((point for point in points if point.row.is_cumulative), key=_by_series)
    deltas = [point for point in points if not point.row.is_cumulative]
    groups: dict[tuple[bytes, TokenSignal, bytes], list[tuple[NumberedPoint, int]]] = defaultdict(list)
    for point, tokens in (
        *await _grow_series(tenant, cumulative),
        *await _add_deltas(tenant, deltas),
    ):
        groups[point.row.tally, point.row.signal, point.row.group].append((point, tokens))
    grown = await load_groups(tenant, {metric_group(group, signal) for _, signal, group in groups})
    counted = await aside(len(points), _events, groups.values(), grown)
    await grown.save(tenant)
    return counted


def _events(groups: Iterable[list[tuple[NumberedPoint, int]]], grown: MetricGroups) -> list[Counted]:
    measurements = [measurement for group in groups for measurement in _measurements(group)]
    measurements.sort(key=lambda measurement: measurement[0][0].row.moment)
    return [_one_event(measurement, grown) for measurement in measurements]


def _measurements(group: list[tuple[NumberedPoint, int]]) -> Iterator[list[tuple[NumberedPoint, int]]]:
    """Divide the points of a group into measurements: instruments of one export are stamped one after another."""
    one: list[tuple[NumberedPoint, int]] = []
    series: set[bytes] = set()
    for point, tokens in sorted(group, key=lambda grown: (grown[0].row.moment, grown[0].row.series)):
        is_next = one and point.row.moment - one[-1][0].row.moment > ONE_EXPORT
        if is_next or point.row.series in series:
            yield one
            one, series = [], set()
        one.append((point, tokens))
        series.add(point.row.series)
    yield one


def _by_series(point: NumberedPoint) -> tuple[bytes, int, int]:
    return point.row.series, point.row.moment, point.row.value


async def _grow_series(tenant: Tenant, points: Sequence[NumberedPoint]) -> list[tuple[NumberedPoint, int]]:
    ids = sorted({point.row.series for point in points})
    if not ids:
        return []
    stored = await tenant.fetch(FIND_SERIES, ids)
    before = {row["series_id"]: Series(row["value"], row["moment"]) for row in stored}
    after = dict(before)
    growth = await aside(len(points), _grown, points, after, time.time_ns())
    if changed := [(series, *after[series]) for series in ids if after[series] != before.get(series)]:
        await tenant.execute(SAVE_SERIES, *rows_as_columns(changed))
    await tenant.execute(SEE_SERIES, ids)
    return growth


def _grown(points: Sequence[NumberedPoint], series: dict[bytes, Series], now: int) -> list[tuple[NumberedPoint, int]]:
    growth = []
    for point in points:
        row = point.row
        series[row.series], tokens = grow(series.get(row.series), Series(row.value, row.moment), row.start, now)
        if tokens:
            growth.append((point, tokens))
    return growth


async def _add_deltas(tenant: Tenant, points: Sequence[NumberedPoint]) -> list[tuple[NumberedPoint, int]]:
    first = {point.row.series: point for point in reversed(points)}
    if not first:
        return []
    new = await add_marks(tenant, first.keys())
    return [(first[mark], first[mark].row.value) for mark in sorted(new)]


def _one_event(points: Sequence[tuple[NumberedPoint, int]], groups: MetricGroups) -> Counted:
    """Return one event with the tokens that the series of a group added at one time, identified by their values."""
    parts: dict[Part, int] = defaultdict(int)
    for point, tokens in points:
        parts[point.row.part] += tokens
    names = sorted(point.row.series + point.row.value.to_bytes(8, "big") for point, _ in points)
    request, row = min(point for point, _ in points)
    added = groups.grow(metric_group(row.group, row.signal), parts)
    event = row.event._replace(event_id=hashlib.sha256(b"".join(names)).digest(), tokens=added)
    return Counted(request, row.tally, row.signal, event, replaceable=True)
