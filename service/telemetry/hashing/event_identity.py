"""Exactly once: the text that makes a token event this one and no other, to be hashed into its primary key.

It holds every raw field that tells one record from the next (source, session, time, sequence, counts: each source
names its own), and nothing of the body it came in. So a retried body, and the same records cut into other bodies, add
nothing, and the same record twice is one.

A record that names no session may be one of several people's alike, so copies of it within a body are numbered: they
all count, and still count once when the body is sent again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from service.telemetry.reading.normalised import TokenEvent

_ENCODER = msgspec.json.Encoder()


def identities(events: Iterable[TokenEvent]) -> Iterator[bytes]:
    """The identities of the events of one body, in their order."""
    copies: Counter[bytes] = Counter()
    for event in events:
        # JSON, so that no two lists of fields read alike.
        identity = _ENCODER.encode(event.identity)
        if event.anonymous:
            copies[identity] += 1
            identity = b"%b#%d" % (identity, copies[identity])
        yield identity
