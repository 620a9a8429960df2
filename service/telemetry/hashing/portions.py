"""Divide the rows of a large body, so that no commit and no computation takes long.

Spans of one trace are compared with each other, and so are the points of one metric group. They stay together.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from msgspec.structs import replace

from service.telemetry.hashing.rows import EmptySpanRow, IntakeRows, PointRow, SpanRow, SummaryRow

# Rows of one body that are stored together; a commit may hold those of several bodies.
PORTION = 10_000


def divided(whole: IntakeRows) -> Iterator[IntakeRows]:
    """Yield the rows in portions if they are many; the first one has what is neither event, span nor point."""
    if whole.size <= PORTION:
        yield whole
        return
    events = [whole.events[begin : begin + PORTION] for begin in range(0, len(whole.events), PORTION)]
    first, *others = events or [()]
    rest = replace(whole, events=first, tallies=_tallies(whole, first))
    measured = len(whole.spans) + len(whole.empty_spans) + len(whole.summaries) + len(whole.points)
    if measured <= PORTION:
        yield rest
    else:
        yield replace(rest, spans=(), empty_spans=(), summaries=(), points=(), traces=())
    for rows in others:
        yield IntakeRows(events=rows, tallies=_tallies(whole, rows), team_id=whole.team_id)
    if measured > PORTION:
        yield from _measured(whole)


def _tallies(whole: IntakeRows, events: Sequence[Any]) -> Mapping[bytes, bytes]:
    return {row.event_id: whole.tallies[row.event_id] for row in events if row.event_id in whole.tallies}


def _measured(whole: IntakeRows) -> Iterator[IntakeRows]:
    by_trace = _by_trace(whole)
    # Of the rows of these traces the body has none.
    traces = set(whole.traces).difference(by_trace)
    for rows in _portions(by_trace):
        traces |= {_trace(row) for row in rows}.intersection(whole.traces)
        yield IntakeRows(
            team_id=whole.team_id,
            spans=[row for row in rows if isinstance(row, SpanRow)],
            empty_spans=[row for row in rows if isinstance(row, EmptySpanRow)],
            summaries=[row for row in rows if isinstance(row, SummaryRow)],
            traces=traces,
        )
        traces = set()
    for points in _portions(_by_group(whole.points)):
        yield IntakeRows(team_id=whole.team_id, points=points, traces=traces)
        traces = set()


def _by_trace(whole: IntakeRows) -> Mapping[bytes, list[Any]]:
    found: defaultdict[bytes, list[Any]] = defaultdict(list)
    rows: Iterable[SpanRow | EmptySpanRow | SummaryRow] = chain(whole.spans, whole.empty_spans, whole.summaries)
    for row in rows:
        found[_trace(row)].append(row)
    return found


def _by_group(points: Iterable[PointRow]) -> Mapping[bytes, list[PointRow]]:
    found: defaultdict[bytes, list[PointRow]] = defaultdict(list)
    for point in points:
        found[point.group].append(point)
    return found


def _portions(groups: Mapping[bytes, list[Any]]) -> Iterator[list[Any]]:
    """Yield groups together, at least PORTION rows in all but the last portion."""
    portion: list[Any] = []
    for rows in groups.values():
        portion += rows
        if len(portion) >= PORTION:
            yield portion
            portion = []
    if portion:
        yield portion


def _trace(row: SpanRow | EmptySpanRow | SummaryRow) -> bytes:
    return row.span.trace if isinstance(row, SummaryRow) else row.trace
