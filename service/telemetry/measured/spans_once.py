"""Count a request once if several spans report it: the span that arrives first counts.

Instrumentations of a framework and of a client library nest, and some sum up the spans below them. Of a parent and its
child only one counts, in either order of arrival. Along a longer chain this holds when spans arrive as they end, inner
spans first. Spans without tokens pass on what is known below and above them.

Two instrumentations that know nothing of each other report a request as two spans of one response id. Some servers
give an id to several responses, so the number of output tokens must be the same, and the spans must end together.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from service.telemetry.hashing.places import Place

# Deeper nesting is not followed; a circle of parents ends here, too.
MAXIMUM_LEVELS = 100
# Levels that are followed for all spans together: those of 100,000 spans less deep than those of 10,000.
LEVELS_IN_ALL = 1_000_000


class Verdict(NamedTuple):
    """Whether each span counts, and the marks to store."""

    counts: list[bool]
    marks: set[bytes]


def marks_of(place: Place) -> set[bytes]:
    """Return the stored marks that can decide whether a span counts."""
    span, parent, responses, _ = place
    above = (parent, reported_above(parent)) if parent else ()
    return {span, reported_below(span), reported_above(span), *above, *responses}


def reported_below(span: bytes) -> bytes:
    """Return the mark of a span that a span below it already reported."""
    return hashlib.sha256(b"below" + span).digest()


def reported_above(span: bytes) -> bytes:
    """Return the mark of a span that a span above it already reported."""
    return hashlib.sha256(b"above" + span).digest()


def nested(empty: Sequence[Place], places: Sequence[Place]) -> Iterator[Place]:
    """Yield spans in order, and spans without tokens wherever they pass something on, once or more often."""
    by_span = {place.span: place for place in empty}
    passed: set[bytes] = set()
    levels = min(MAXIMUM_LEVELS, LEVELS_IN_ALL // max(1, len(places) + len(empty)))
    for place in (*places, *empty):
        if place.is_empty and place.span in passed:
            continue
        above = list(_above(place, by_span, levels))
        passed.update(each.span for each in (place, *above))
        yield from reversed(above)
        yield place
        yield from above


def _above(place: Place, empty: Mapping[bytes, Place], levels: int) -> Iterator[Place]:
    for _ in range(levels):
        if place.parent is None or (parent := empty.get(place.parent)) is None:
            return
        yield parent
        place = parent


def spans_once(places: Sequence[Place], known: AbstractSet[bytes]) -> Verdict:
    """Decide which spans count, in order of arrival; spans end before their parents."""
    seen = set(known)
    counts = []
    for place in places:
        span, parent, responses, _ = place
        has_below = reported_below(span) in seen
        has_above = parent is not None and (parent in seen or reported_above(parent) in seen)
        if place.is_empty:
            counts.append(False)
            if has_above:
                seen.add(reported_above(span))
        else:
            is_new = span not in seen and reported_above(span) not in seen
            is_copy = not seen.isdisjoint(responses)
            counts.append(is_new and not has_below and not has_above and not is_copy)
            if is_new and not has_below:
                seen.add(reported_above(span) if has_above else span)
                seen.update(responses[:1])
        if parent is not None and (has_below or counts[-1] or (not place.is_empty and is_copy)):
            seen.add(reported_below(parent))
    return Verdict(counts, seen - known)
