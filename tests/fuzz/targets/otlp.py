"""OTLP: decompression, protobuf and JSON of every signal, and the sources that read the records."""

import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from schema.errors import BadInputError
from schema.identifiers import Hasher
from service.errors import TooLargeError, UnsupportedMediaTypeError
from service.http.compressed_bodies import inflate
from service.telemetry.hashing.rows import hash_readings
from service.telemetry.otlp.decode import Encoding, decode
from service.telemetry.otlp.records import Signal
from service.telemetry.sources.registry import WANTED, read_all
from tests.fuzz.inputs import Choices
from tests.fuzz.target import Target
from tests.harness.webhooks import PAYLOADS

SIGNALS = (Signal.LOGS, Signal.METRICS, Signal.TRACES)
REQUESTS: dict[Signal, Any] = {
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
    Signal.TRACES: ExportTraceServiceRequest,
}
NOW = datetime(2026, 3, 20, tzinfo=UTC)
HASHER = Hasher(b"a key of the fuzzer, 32 bytes ..")
INFLATED = 256 * 1024
ENCODINGS = ("gzip", "deflate", "x-gzip", "identity", "", "br", " GZIP ")
MAXIMUM_COUNT = 2**63


def _bodies() -> Iterator[tuple[int, Any]]:
    """Yield the number of a signal and a recorded body of it."""
    for path in sorted((PAYLOADS / "telemetry").rglob("*.json")):
        number = next((each for each, signal in enumerate(SIGNALS) if signal.value in path.stem), None)
        if number is not None:
            yield number, json.loads(path.read_bytes())


BODIES = list(_bodies())


def _read(signal: Signal, encoding: Encoding, body: bytes) -> None:
    try:
        records = decode(signal, encoding, body, WANTED[signal])
    except BadInputError:
        return
    readings = read_all(records, NOW)
    rows = hash_readings(HASHER, readings, None)
    assert readings.size >= 0 <= rows.size
    for event in readings.events:
        assert all(0 <= count < MAXIMUM_COUNT for count in event.tokens)


def _protobuf(data: bytes) -> None:
    _read(SIGNALS[data[0] % 3] if data else Signal.LOGS, Encoding.PROTOBUF, data[1:])


def _json(data: bytes) -> None:
    _read(SIGNALS[data[0] % 3] if data else Signal.LOGS, Encoding.JSON, data[1:])


def _json_values(data: bytes) -> None:
    choices = Choices(data)
    number, body = choices.one(BODIES)
    _read(SIGNALS[number], Encoding.JSON, json.dumps(choices.changed(body)).encode())


def _inflate(data: bytes) -> None:
    choices = Choices(data)
    try:
        plain = inflate(choices.rest()[1:], choices.one(ENCODINGS), INFLATED)
    except (BadInputError, TooLargeError, UnsupportedMediaTypeError):
        return
    assert len(plain) <= max(INFLATED, len(data))


def _protobuf_seeds() -> Iterator[bytes]:
    for number, body in BODIES:
        yield (
            bytes([number])
            + ParseDict(body, REQUESTS[SIGNALS[number]](), ignore_unknown_fields=True).SerializeToString()
        )


def _json_seeds() -> Iterator[bytes]:
    for number, body in BODIES:
        yield bytes([number]) + json.dumps(body).encode()


def _deflated() -> Iterator[bytes]:
    for text in (b"", b"{}", b"\n\0" * 1000, bytes(INFLATED), bytes(INFLATED + 1)):
        yield b"\0\0" + gzip.compress(text, mtime=0)
        yield b"\1\0" + zlib.compress(text)
    yield b"\0\0" + gzip.compress(b"", mtime=0) * 70


def _no_seeds() -> Iterator[bytes]:
    yield from (b"", bytes(range(64)), b"\xff" * 40)


TARGETS = (
    Target("otlp_protobuf", _protobuf, _protobuf_seeds),
    Target("otlp_json", _json, _json_seeds),
    Target("otlp_json_values", _json_values, _no_seeds, 256),
    Target("inflate", _inflate, _deflated),
)
