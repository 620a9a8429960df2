"""Identities of token events, to be hashed into their primary key, so that each event counts exactly once.

An identity holds the raw fields that distinguish records (source, session, time, sequence, counts; each source chooses
its own) and nothing about the body. So retried bodies, and the same records split into other bodies, add nothing.

Equal records without a session may come from several people. They are numbered within a body: all of them count, but
only once when the body is sent again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from service.telemetry.reading.normalised import TokenEvent

_ENCODER = msgspec.json.Encoder()


def identities(events: Iterable[TokenEvent], copies: Counter[bytes] | None = None) -> Iterator[bytes]:
    """Yield the identities of the events of one body, in order.

    `copies` counts equal events of the parts of the body that were read before, and is updated.
    """
    copies = Counter() if copies is None else copies
    for event in events:
        # JSON, so that different lists of fields never give the same text.
        identity = _ENCODER.encode(event.identity)
        if event.anonymous:
            copies[identity] += 1
            identity = b"%b#%d" % (identity, copies[identity])
        yield identity
