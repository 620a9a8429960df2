"""Which tellings hang together, so that what new ones change can be found without looking at all of them.

Two tellings are neighbours when they are alike and near enough to be one request. Pairs are only made of neighbours, so
what hangs together by them can be paired without the rest, whoever else was told at the same time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from workers.layers.reports import FAR, LIKENESSES, RequestReport, groups


class Span(NamedTuple):
    """From an instant up to and with another."""

    begins: datetime
    ends: datetime


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """The same time as few spans that neither overlap nor meet, in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.begins <= merged[-1].ends:
            merged[-1] = Span(merged[-1].begins, max(merged[-1].ends, span.ends))
        else:
            merged.append(span)
    return merged


def hang_together(reported: Sequence[RequestReport], new: Collection[bytes]) -> list[RequestReport]:
    """Tellings that hang together with any of these new ones, by their ids; the new ones included."""
    if all(each.event_id in new for each in reported):
        return list(reported)
    root = {each.event_id: each.event_id for each in reported}

    def find(event_id: bytes) -> bytes:
        while root[event_id] != event_id:
            root[event_id] = root[root[event_id]]
            event_id = root[event_id]
        return event_id

    for likeness in LIKENESSES:
        for alike in groups(reported, likeness).values():
            alike.sort(key=lambda each: each.occurred_at)
            for before, after in pairwise(alike):
                if after.occurred_at - before.occurred_at <= likeness.reach(after):
                    root[find(before.event_id)] = find(after.event_id)
    changed = {find(event_id) for event_id in new if event_id in root}
    return [each for each in reported if find(each.event_id) in changed]


def beyond(reported: Iterable[RequestReport], spans: Sequence[Span]) -> list[Span]:
    """Where neighbours of these tellings may be outside the spans that they were found in; empty where nowhere."""
    instants = sorted(each.occurred_at for each in reported)
    found = []
    for span in merge_spans(spans):
        within = instants[bisect_left(instants, span.begins) : bisect_right(instants, span.ends)]
        if within and within[0] - FAR < span.begins:
            found.append(Span(within[0] - FAR, span.begins))
        if within and within[-1] + FAR > span.ends:
            found.append(Span(span.ends, within[-1] + FAR))
    return found
