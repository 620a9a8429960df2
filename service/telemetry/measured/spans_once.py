"""Of a request that is told by a span and again by the span above it, one counts: whichever was told first.

Instrumentations of a framework and of a client library stand on top of each other, and some sum up what is below them.
Of two spans of which one is the other's parent, only one counts, in whichever order they are told; and what is above or
below them in a row, where spans are told as they end, from the inside out. A span between them that tells no tokens
itself is not seen, and hides what is above it.
"""

import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple


class Verdict(NamedTuple):
    """For each span whether it counts, and what is to be remembered."""

    counts: list[bool]
    marks: set[bytes]


def marks_of(span: bytes, parent: bytes | None) -> set[bytes]:
    """What may have been remembered that decides on a span."""
    return {span, reported_below(span), reported_above(span), *((parent, reported_above(parent)) if parent else ())}


def reported_below(span: bytes) -> bytes:
    """The mark that a span is told by one below it."""
    return hashlib.sha256(b"below" + span).digest()


def reported_above(span: bytes) -> bytes:
    """The mark that a span is told by one above it."""
    return hashlib.sha256(b"above" + span).digest()


def spans_once(spans: Sequence[tuple[bytes, bytes | None]], known: AbstractSet[bytes]) -> Verdict:
    """Decide on spans and their parents in the order in which they were told; spans end before their parents do."""
    seen = set(known)
    counts = []
    for span, parent in spans:
        is_new = span not in seen and reported_above(span) not in seen
        has_below = reported_below(span) in seen
        has_above = parent is not None and (parent in seen or reported_above(parent) in seen)
        counts.append(is_new and not has_below and not has_above)
        if is_new and not has_below:
            seen.add(reported_above(span) if has_above else span)
        if parent is not None and (has_below or counts[-1]):
            seen.add(reported_below(parent))
    return Verdict(counts, seen - known)
