"""Decode OTLP bodies, protobuf or JSON, into the same records.

Only attributes that the caller wants are copied out of a body. Large bodies are decoded in parts of bounded time.
"""

import time
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice

import msgspec
from google.protobuf.internal import api_implementation
from google.protobuf.message import DecodeError

from schema.errors import BadInputError, SetUpError
from service.telemetry.otlp.json_bodies import decode_json
from service.telemetry.otlp.limits import Messages
from service.telemetry.otlp.protobuf_bodies import decode_protobuf
from service.telemetry.otlp.records import Signal, TelemetryRecord
from service.telemetry.otlp.wanted import Wanted

FAST_PROTOBUF = "upb"
# Records that are decoded before others get their turn, and about how long that may take.
PART = 2_000
PART_SECONDS = 0.02
# Most messages of a body unless configured.
MESSAGES = 500_000


class Encoding(StrEnum):
    """The two encodings of OTLP/HTTP, as their media types."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


def require_fast_protobuf() -> None:
    """Raise SetUpError unless protobuf runs on upb: its pure Python fallback is many times slower."""
    if api_implementation.Type() != FAST_PROTOBUF:
        raise SetUpError(
            "protobuf runs without its C extension; install its wheel for this platform "
            "and unset PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"
        )


def decode_parts(
    signal: Signal, encoding: Encoding, body: bytes, wanted: Wanted, most_messages: int
) -> Iterator[list[TelemetryRecord]]:
    """Yield the wanted parts of a body: log records, spans, or data points of counters and histograms.

    A list has at most PART records, and took about PART_SECONDS; it may be empty. Raises BadInputError if the body is
    not a valid request of the signal, and TooLargeError if it has too many messages.
    """
    decoded = decode_protobuf if encoding is Encoding.PROTOBUF else decode_json
    try:
        yield from _in_parts(decoded(signal, body, wanted, Messages(most_messages)))
    except (DecodeError, UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        name = "protobuf" if encoding is Encoding.PROTOBUF else "JSON"
        raise BadInputError(f"The body is not a valid OTLP {name} request for {signal}.") from error


def decode(signal: Signal, encoding: Encoding, body: bytes, wanted: Wanted) -> list[TelemetryRecord]:
    """Return the wanted parts of a body at once; see `decode_parts`."""
    return [record for part in decode_parts(signal, encoding, body, wanted, MESSAGES) for record in part]


def _in_parts(pieces: Iterator[Iterator[TelemetryRecord]]) -> Iterator[list[TelemetryRecord]]:
    part: list[TelemetryRecord] = []
    until = time.monotonic() + PART_SECONDS
    for records in pieces:
        while more := list(islice(records, PART - len(part))):
            part += more
            if len(part) == PART or time.monotonic() > until:
                yield part
                part, until = [], time.monotonic() + PART_SECONDS
        if time.monotonic() > until:
            yield part
            part, until = [], time.monotonic() + PART_SECONDS
    yield part
