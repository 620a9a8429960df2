"""Finds connected reports, so that the effect of new ones is computed without reading all of them.

Two reports are neighbours when they match and are near enough in time to be one request. Only neighbours are paired,
so a connected group can be paired without the rest.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from workers.layers.reports import FAR, MATCH_RULES, RequestReport, groups


class Span(NamedTuple):
    """The time from an instant to another, both included."""

    begins: datetime
    ends: datetime


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Merge spans that overlap or touch, in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.begins <= merged[-1].ends:
            merged[-1] = Span(merged[-1].begins, max(merged[-1].ends, span.ends))
        else:
            merged.append(span)
    return merged


def connected(reports: Sequence[RequestReport], new: Collection[bytes]) -> list[RequestReport]:
    """Return the reports connected with any of the new ones (by id), including the new ones."""
    if all(each.event_id in new for each in reports):
        return list(reports)
    root = {each.event_id: each.event_id for each in reports}

    def find(event_id: bytes) -> bytes:
        while root[event_id] != event_id:
            root[event_id] = root[root[event_id]]
            event_id = root[event_id]
        return event_id

    for rule in MATCH_RULES:
        for alike in groups(reports, rule).values():
            alike.sort(key=lambda each: each.occurred_at)
            for before, after in pairwise(alike):
                if after.occurred_at - before.occurred_at <= rule.reach(after):
                    root[find(before.event_id)] = find(after.event_id)
    changed = {find(event_id) for event_id in new if event_id in root}
    return [each for each in reports if find(each.event_id) in changed]


def spans_beyond(reports: Iterable[RequestReport], spans: Sequence[Span]) -> list[Span]:
    """Return where neighbours may exist outside the spans already read; empty if nowhere."""
    instants = sorted(each.occurred_at for each in reports)
    found = []
    for span in merge_spans(spans):
        within = instants[bisect_left(instants, span.begins) : bisect_right(instants, span.ends)]
        if within and within[0] - FAR < span.begins:
            found.append(Span(within[0] - FAR, span.begins))
        if within and within[-1] + FAR > span.ends:
            found.append(Span(span.ends, within[-1] + FAR))
    return found
