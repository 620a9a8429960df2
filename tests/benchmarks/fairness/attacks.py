"""What a hostile organization with a key sends, each as a path and a body."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from service.telemetry.otlp.protobuf_pieces import varint
from tests.benchmarks.intake.bodies import make_body

MEGABYTE = 1024 * 1024
PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
GZIP = {"Content-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Attack:
    """A request, sent again and again over many connections; each number makes another body."""

    path: str
    make: Callable[[int], bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    connections: int = 8


def _empty(number: int) -> bytes:
    return b"\n\x00" * (8_000_000 + number)


def _one(*fields: bytes, content: bytes) -> bytes:
    for tag in reversed(fields):
        content = tag + varint(len(content)) + content
    return content


def _logs(number: int) -> bytes:
    return make_body(number, 20_000)


def _spans(number: int) -> bytes:
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for place in range(90_000):
        span = spans.add(name="chat", trace_id=(number * 100_000 + place // 5).to_bytes(16, "big"))
        span.span_id, span.parent_span_id = (place + 1).to_bytes(8, "big"), (place // 2 + 1).to_bytes(8, "big")
        span.end_time_unix_nano = _now() - place
        span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = place + 1
    return gzip.compress(request.SerializeToString(), 6)


def _points(number: int) -> bytes:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="gen_ai.client.token.usage")
    metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    for place in range(90_000):
        point = metric.sum.data_points.add(as_int=place + 1, time_unix_nano=_now())
        point.attributes.add(key="gen_ai.token.type").value.string_value = "input"
        point.attributes.add(key="n").value.int_value = number * 100_000 + place
    return gzip.compress(request.SerializeToString(), 6)


def _buckets(number: int) -> bytes:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="gen_ai.client.token.usage")
    point = metric.exponential_histogram.data_points.add(count=1, sum=number)
    point.positive.bucket_counts.extend([1] * 16_000_000)
    return request.SerializeToString()


def _objects(_: int) -> bytes:
    return b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[' + b"{}," * 2_400_000 + b" " * 50 * MEGABYTE + b"{}]}]}]}"


def _token_events(number: int) -> bytes:
    at = datetime.now(UTC) - timedelta(hours=number % 400)
    tokens = {"input_uncached": 1000, "output_visible": 10}
    events = [
        {
            "event_id": f"{number}-{place}",
            "occurred_at": (at - timedelta(minutes=place)).isoformat(),
            "source": "hostile",
            "tokens": tokens,
            "session": f"{number}-{place % 1000}",
            "team": f"team-{place % 200}",
            "model": f"model-{place % 500}",
            "branch": f"branch-{place}",
            "repository": f"github.com/example/r{place % 300}",
            "workflow": "w" * 90 + str(place),
            "prompt_template": "p" * 90 + str(place),
        }
        for place in range(10_000)
    ]
    return json.dumps({"items": events}).encode()


def _pull_requests(number: int) -> bytes:
    at = "2026-10-01T12:00:00Z"
    items = [
        {
            "forge": "github",
            "repository": f"github.com/example/r{place % 100}",
            "number": place + 1,
            "state": "merged",
            "opened_at": at,
            "merged_at": at,
            "commits": [{"sha": f"{number * 10**6 + place * 170 + n:040x}", "authored_at": at} for n in range(170)],
        }
        for place in range(1000)
    ]
    return json.dumps({"items": items}).encode()


def _numbers(_: int) -> bytes:
    return b'{"items":[' + b"[]," * (5 * MEGABYTE) + b"[]]}"


def _now() -> int:
    return int(datetime.now(UTC).timestamp() * 1e9)


_RECORD = (b"\n", b"\x12", b"\x12")
SPEND = "/api/v1/spend?from=2026-01-01&to=2026-11-30&bucket=day&group_by=model,team&limit=1000"
ATTACKS: dict[str, Attack] = {
    "empty messages": Attack("/v1/logs", _empty, PROTOBUF),
    "empty messages, gzip": Attack("/v1/logs", lambda n: gzip.compress(_empty(n), 6), PROTOBUF | GZIP),
    "empty records": Attack("/v1/traces", lambda _: _one(*_RECORD[:2], content=b"\x12\x00" * 8_000_000), PROTOBUF),
    "one record of attributes": Attack("/v1/logs", lambda _: _one(*_RECORD, content=b"\x32\x00" * 8_000_000), PROTOBUF),
    "one nested value": Attack(
        "/v1/metrics", lambda _: _one(b"\n", b"\n", b"\n", b"\x12", b"\x2a", content=b"\n\x00" * 8_000_000), PROTOBUF
    ),
    "empty JSON objects": Attack("/v1/logs", lambda n: gzip.compress(_objects(n), 6), JSON | GZIP),
    "buckets": Attack("/v1/metrics", _buckets, PROTOBUF),
    "20,000 log records": Attack("/v1/logs", _logs, PROTOBUF | GZIP),
    "90,000 spans": Attack("/v1/traces", _spans, PROTOBUF | GZIP),
    "90,000 data points": Attack("/v1/metrics", _points, PROTOBUF | GZIP),
    "10,000 token events": Attack("/api/v1/token-events", _token_events, JSON),
    "pull requests of 16 MB": Attack("/api/v1/pull-requests", _pull_requests, JSON),
    "JSON of 16 MB": Attack("/api/v1/token-events", _numbers, JSON),
    "wide spend": Attack(SPEND, connections=50),
    "spend as CSV": Attack(SPEND + "&format=csv", connections=50),
    "small reads": Attack("/api/v1/teams", connections=100),
}
