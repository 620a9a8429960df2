"""Decode OTLP bodies, protobuf or JSON, into the same records.

Only attributes that the caller wants are copied out of a body.
"""

from enum import StrEnum

from google.protobuf.internal import api_implementation

from schema.errors import SetUpError
from service.telemetry.otlp.json_bodies import decode_json
from service.telemetry.otlp.protobuf_bodies import decode_protobuf
from service.telemetry.otlp.records import Signal, TelemetryRecord
from service.telemetry.otlp.wanted import Wanted

FAST_PROTOBUF = "upb"


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


def decode(signal: Signal, encoding: Encoding, body: bytes, wanted: Wanted) -> list[TelemetryRecord]:
    """Return the wanted parts of a body: log records, spans, or data points of counters and histograms.

    Raises BadInputError if the body is not a valid request of the signal.
    """
    if encoding is Encoding.PROTOBUF:
        return decode_protobuf(signal, body, wanted)
    return list(decode_json(signal, body, wanted))
