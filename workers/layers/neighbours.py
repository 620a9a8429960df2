"""Which tellings hang together, so that what new ones change can be found without looking at all of them.

Two tellings are neighbours when they are alike and near enough to be one request. Pairs are only made of neighbours, so
what hangs together by them can be paired without the rest, whoever else was told at the same time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from workers.layers.told import FAR, LIKENESSES, Told, groups


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


def hang_together(told: Sequence[Told], new: Collection[bytes]) -> list[list[Told]]:
    """Tellings that hang together with any of these new ones, by their ids."""
    root = {each.event_id: each.event_id for each in told}

    def find(event_id: bytes) -> bytes:
        while root[event_id] != event_id:
            root[event_id] = root[root[event_id]]
            event_id = root[event_id]
        return event_id

    for likeness in LIKENESSES:
        for alike in groups(told, likeness).values():
            alike.sort(key=lambda each: each.occurred_at)
            for before, after in pairwise(alike):
                if after.occurred_at - before.occurred_at <= likeness.reach(after):
                    root[find(before.event_id)] = find(after.event_id)
    changed = {find(event_id) for event_id in new if event_id in root}
    found: defaultdict[bytes, list[Told]] = defaultdict(list)
    for each in told:
        if find(each.event_id) in changed:
            found[find(each.event_id)].append(each)
    return list(found.values())


def beyond(told: Iterable[Told], spans: Sequence[Span]) -> list[Span]:
    """Where neighbours of these tellings may be outside the spans that were looked at; empty where nowhere."""
    needed = merge_spans(Span(each.occurred_at - FAR, each.occurred_at + FAR) for each in told)
    merged = merge_spans(spans)
    return [
        span for span in needed if not any(known.begins <= span.begins and span.ends <= known.ends for known in merged)
    ]
