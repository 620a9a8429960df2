"""Token events in the format of PostgreSQL's binary COPY, which is cheaper than a codec per value.

Values that many events of a commit share (team, model, session, links) are sent once, in a separate list: a row has its
own ids, time and counts, and an index into that list.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, NamedTuple, TypeAlias

from vocabulary.tokens import TokenCounts

# In the order of SHARED_COLUMNS.
Shared: TypeAlias = tuple[object, ...]

SHARED_COLUMNS = (
    *("team_id", "source", "provider", "model", "workflow", "prompt_template", "context_tier"),
    *("service_tier", "guardrail", "web_searches", "code_executions", "session"),
    *("artifact", "number", "commit", "branch", "repository"),
)
OWN_COLUMNS = (
    *("event_id", "occurred_at", "input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning"),
    *("cache_write_1h", "failed", "request", "duration_ms"),
)
# Of a packed row. The event's id comes first, so that packed rows sort by it.
PACKED_COLUMNS = ("event_id", "place", *OWN_COLUMNS[1:])

# PostgreSQL counts microseconds from here.
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_FIELDS = len(PACKED_COLUMNS)
# Each field is preceded by its length in bytes; the last two may be missing.
_OWN = ">h i32s ii" + "iq" * 7 + "i?"
_ROW, _WHOLE_ROW = Struct(_OWN), Struct(_OWN + "i32s iq")
_HASH, _NUMBER = Struct(">i32s"), Struct(">iq")
_MISSING = b"\xff\xff\xff\xff"


class LinkHashes(NamedTuple):
    """The evidence columns, each 32 bytes or None."""

    artifact: bytes | None
    number: bytes | None
    commit: bytes | None
    branch: bytes | None
    repository: bytes | None

    @property
    def name_work(self) -> bool:
        """Whether they name a commit or pull request, and not only where work was done."""
        return any((self.artifact, self.number, self.commit))


class EventRow(NamedTuple):
    """A `token_event` whose team is still a label; None is the default team.

    `request` is the hash of the provider's request id, which identifies copies from other layers.
    """

    event_id: bytes
    occurred_at: datetime
    team: str | None
    source: str
    provider: str
    model: str
    workflow: str
    prompt_template: str
    context_tier: str
    session: bytes | None
    links: LinkHashes
    tokens: TokenCounts
    remembered: bool
    request: bytes | None = None
    duration_ms: int | None = None
    failed: bool = False
    cache_write_1h: int = 0
    service_tier: str = ""
    web_searches: int = 0
    code_executions: int = 0
    guardrail: str = ""

    @property
    def only_failed(self) -> bool:
        """Whether this is a failed request without tokens, which counts as a failure only."""
        return self.failed and not any(self.tokens)


def pack(events: Iterable[tuple[int, EventRow]]) -> tuple[bytes, list[Shared]]:
    """Pack (team id, event) pairs; returns the COPY data in the order of ids, and the list of shared values.

    Ids are 32 bytes. Raises struct.error for a count that does not fit into 64 bits.
    """
    places: dict[tuple[Any, ...], int] = {}
    place_of = places.setdefault
    row_of, whole_row_of = _ROW.pack, _WHOLE_ROW.pack
    parts: list[bytes] = []
    add = parts.append
    # In the order of arrival, which is that of memory: in the order of ids this loop takes twice as long. Unrolled for
    # speed: it runs for every event.
    # fmt: off
    for team_id, (
        event_id, at, _, source, provider, model, workflow, template, tier, session, links, (a, b, c, d, e), _,
        request, duration, failed, an_hour, service_tier, searches, executions, guardrail,
    ) in events:
        place = place_of((team_id, source, provider, model, workflow, template, tier, service_tier, guardrail, searches,
                          executions, session, links), len(places))
        since = (at - _EPOCH) // _MICROSECOND
        if request is not None and duration is not None:
            add(whole_row_of(_FIELDS, 32, event_id, 4, place, 8, since, 8, a, 8, b, 8, c, 8, d, 8, e, 8, an_hour,
                             1, failed, 32, request, 8, duration))
        else:
            add(row_of(_FIELDS, 32, event_id, 4, place, 8, since, 8, a, 8, b, 8, c, 8, d, 8, e, 8, an_hour, 1, failed)
                + (_MISSING if request is None else _HASH.pack(32, request))
                + (_MISSING if duration is None else _NUMBER.pack(8, duration)))
    # fmt: on
    # So that neighbouring index pages are visited one after another.
    parts.sort()
    return b"".join((_HEADER, *parts, _END)), [(*own, *links) for *own, links in places]
