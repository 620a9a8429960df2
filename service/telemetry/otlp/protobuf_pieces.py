"""Pieces of a protobuf body, each a request of its own that is small enough to be parsed at once.

Parsing holds the interpreter and makes all messages, so a large body is divided by its bytes first: at resources, and
where these are large, at their scopes, metrics and records. Every piece repeats what stands above its records. A single
large record loses what is never read. The wire format: https://protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from google.protobuf.message import DecodeError
from msgspec import Struct, field

from service.errors import TooLargeError
from service.telemetry.otlp.limits import ABOVE, limit_attributes
from service.telemetry.otlp.records import Signal

# Bytes that are parsed at once. The smallest messages have two bytes, and parsing so many takes some milliseconds.
PIECE = 128 * 1024
# Bytes and fields above the records that are repeated in every piece. Encoders write each field once.
REPEATED = 1024 * 1024
REPEATED_FIELDS = 16

# Fields that are passed over before others get their turn.
STRETCH = 10_000

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
FIXED = {FIXED64: 8, FIXED32: 4}
# A byte from here on means that another byte follows, up to ten in all.
MORE = 0x80
LONGEST = 10

Check: TypeAlias = Callable[[int], None]


class Level(Struct, frozen=True):
    """Numbers of a message's fields: those that hold what is divided, and those that every piece repeats.

    A message without the first is a record, and is never divided. Each field counts as `weight` messages.
    """

    divided: Mapping[int, "Level"] = field(default_factory=dict)
    repeated: frozenset[int] = frozenset()
    weight: int = 1


class Part(NamedTuple):
    """One field of a message: where its tag begins, its content begins, and both end."""

    number: int
    wire_type: int
    begin: int
    content: int
    end: int


def _request(record: Level) -> Level:
    scope = Level({2: record}, frozenset({1}))
    return Level({1: Level({2: scope}, frozenset({1}), ABOVE)}, weight=ABOVE)


def _data(*point: int) -> Level:
    return Level({1: Level(repeated=frozenset(point))}, frozenset({2}))


# As numbered in protobuf_shapes: a record repeats what is read of it.
LEVELS: dict[Signal, Level] = {
    Signal.LOGS: _request(Level(repeated=frozenset({1, 6, 11, 12}))),
    Signal.TRACES: _request(Level(repeated=frozenset({1, 2, 4, 5, 7, 8, 9, 15}))),
    Signal.METRICS: _request(
        Level({7: _data(2, 3, 4, 6, 7), 9: _data(2, 3, 5, 9), 10: _data(1, 2, 3, 5)}, frozenset({1}))
    ),
}


def pieces(signal: Signal, body: bytes, check: Check) -> Iterator[bytes]:
    """Yield requests that hold the body's records in order; an empty one after a stretch without any.

    `check` is called with numbers of messages, and raises TooLargeError if these are too many. Raises TooLargeError for
    a resource or scope that is too large to be repeated, and DecodeError for a body that is not protobuf.
    """
    if len(body) <= PIECE:
        yield body
    else:
        yield from _divided(LEVELS[signal], body, 0, len(body), check)


def _divided(level: Level, body: bytes, begin: int, end: int, check: Check) -> Iterator[bytes]:
    """Yield messages that each hold some of the fields of a message in the body."""
    if not level.divided:
        yield _shortened(level, body, begin, end)
        return
    above = yield from _repeated(level, body, begin, end, check)
    # Neighbours stay together: `since` is where the next piece begins.
    since = begin
    for part in _parts(body, begin, end):
        is_large = part.end - part.begin > PIECE
        is_alone = is_large or part.number in level.repeated
        if since < part.begin and (is_alone or part.end - since > PIECE):
            yield above + body[since : part.begin]
            since = part.begin
        if is_alone:
            since = part.end
        if is_large and part.wire_type == BYTES and (below := level.divided.get(part.number)) is not None:
            tag = varint(part.number << 3 | BYTES)
            for inner in _divided(below, body, part.content, part.end, check):
                yield above + tag + varint(len(inner)) + inner if inner else inner
    if since < end:
        yield above + body[since:end]


def _repeated(level: Level, body: bytes, begin: int, end: int, check: Check) -> Generator[bytes, None, bytes]:
    """Return the fields of a message that every piece repeats, and check how many fields it has."""
    found: list[bytes] = []
    size = 0
    for count, part in enumerate(_parts(body, begin, end), 1):
        check(count * level.weight)
        if count % STRETCH == 0:
            yield b""
        if part.number in level.repeated:
            size += part.end - part.begin
            found.append(body[part.begin : part.end])
            if size > REPEATED or len(found) > REPEATED_FIELDS:
                raise TooLargeError(f"A resource or scope has more than {REPEATED} bytes. Send fewer attributes.")
    return b"".join(found)


def _shortened(level: Level, body: bytes, begin: int, end: int) -> bytes:
    """Return a record without the fields that are not read."""
    found: list[bytes] = []
    for count, part in enumerate(_parts(body, begin, end)):
        limit_attributes(count)
        if part.number in level.repeated:
            found.append(body[part.begin : part.end])
    return b"".join(found)


def _parts(body: bytes, begin: int, end: int) -> Iterator[Part]:
    """Yield the fields of a message. Raises DecodeError unless they end where it ends."""
    while begin < end:
        # Most tags and lengths are one byte.
        tag, content = body[begin], begin + 1
        if tag >= MORE:
            tag, content = _number(body, begin, end)
        wire_type = tag & 7
        if wire_type == BYTES:
            size, content = _number(body, content, end)
            last = content + size
        elif wire_type == VARINT:
            _, last = _number(body, content, end)
        elif wire_type in FIXED:
            last = content + FIXED[wire_type]
        else:
            raise DecodeError("a group")
        if last > end or tag < 8:  # noqa: PLR2004 - field numbers begin at 1
            raise DecodeError("a field beyond its message")
        yield Part(tag >> 3, wire_type, begin, content, last)
        begin = last


def _number(body: bytes, begin: int, end: int) -> tuple[int, int]:
    """Return a varint, and where it ends."""
    number = 0
    for place, byte in enumerate(body[begin : min(begin + LONGEST, end)]):
        number |= (byte & 0x7F) << 7 * place
        if byte < MORE:
            return number, begin + place + 1
    raise DecodeError("a number without an end")


def varint(number: int) -> bytes:
    """Return a number as protobuf writes it."""
    groups = bytearray()
    while number >= MORE:
        groups.append(number & 0x7F | MORE)
        number >>= 7
    groups.append(number)
    return bytes(groups)
