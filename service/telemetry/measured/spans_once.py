"""Count a request once if a span and its parent both report it: the span that arrives first counts.

Instrumentations of a framework and of a client library nest, and some sum up the spans below them. Of a parent and its
child only one counts, in either order of arrival. Along a longer chain this holds when spans arrive as they end, inner
spans first. A span without tokens is not seen, so the chain breaks there.
"""

import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple


class Verdict(NamedTuple):
    """Whether each span counts, and the marks to store."""

    counts: list[bool]
    marks: set[bytes]


def marks_of(span: bytes, parent: bytes | None) -> set[bytes]:
    """Return the stored marks that can decide whether a span counts."""
    return {span, reported_below(span), reported_above(span), *((parent, reported_above(parent)) if parent else ())}


def reported_below(span: bytes) -> bytes:
    """Return the mark of a span that a span below it already reported."""
    return hashlib.sha256(b"below" + span).digest()


def reported_above(span: bytes) -> bytes:
    """Return the mark of a span that a span above it already reported."""
    return hashlib.sha256(b"above" + span).digest()


def spans_once(spans: Sequence[tuple[bytes, bytes | None]], known: AbstractSet[bytes]) -> Verdict:
    """Decide which spans count, given (span, parent) in order of arrival; spans end before their parents."""
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
