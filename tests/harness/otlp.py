"""Small OTLP bodies as agents send them, in both encodings; identities and content are canaries."""

import base64
import json
import math
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from service.telemetry.otlp.records import Signal

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}

# 2026-11-22T01:45:52Z
MOMENT = 1_795_311_952_000_000_000
REVISION = "6f7d5618106c4b7558541a320146da091f43c6c2"
REPOSITORY = "https://github.com/example-org/example-repo"

NO_NUMBERS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}

Body = dict[str, Any]

REQUESTS: dict[Signal, type[Message]] = {
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
    Signal.TRACES: ExportTraceServiceRequest,
}
SIGNALS = {"resourceLogs": Signal.LOGS, "resourceMetrics": Signal.METRICS, "resourceSpans": Signal.TRACES}


def any_value(value: Any) -> Body:
    """Return an AnyValue, empty for None; an int64 is a string, as in protobuf's JSON mapping."""
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            # JSON has no NaN and infinity, so protobuf's mapping writes them as text.
            return {"doubleValue": value if math.isfinite(value) else NO_NUMBERS[str(value)]}
        case list():
            return {"arrayValue": {"values": [any_value(one) for one in value]}}
        case _:
            return {"stringValue": str(value)}


def attributes(values: dict[str, Any]) -> list[Body]:
    return [{"key": key, "value": any_value(value)} for key, value in values.items()]


def logs(*records: Body, resource: dict[str, Any] | None = None, scope: str = "") -> Body:
    """Return a request with one resource and one scope."""
    scope_logs = [{"scope": {"name": scope}, "logRecords": list(records)}]
    return {"resourceLogs": [{"resource": {"attributes": attributes(resource or {})}, "scopeLogs": scope_logs}]}


def signal_of(body: Body) -> Signal:
    (name,) = body
    return SIGNALS[name]


def as_protobuf(body: Body) -> bytes:
    """Encode a body as protobuf, whose JSON mapping has ids in base64 while OTLP has hexadecimal digits."""
    request = json.loads(json.dumps(body), object_hook=_with_base64_ids)
    return ParseDict(request, REQUESTS[signal_of(body)]()).SerializeToString()


def _with_base64_ids(part: Body) -> Body:
    ids = {name: part[name] for name in ("traceId", "spanId", "parentSpanId") if name in part}
    return {**part, **{name: base64.b64encode(bytes.fromhex(value)).decode() for name, value in ids.items()}}


def as_json(body: Body) -> bytes:
    return json.dumps(body).encode()


def spans(*reported: Body, resource: dict[str, Any] | None = None, scope: str = "") -> Body:
    """Return a request with one resource and one scope."""
    scope_spans = [{"scope": {"name": scope}, "spans": list(reported)}]
    return {"resourceSpans": [{"resource": {"attributes": attributes(resource or {})}, "scopeSpans": scope_spans}]}


def span(
    name: str,
    values: dict[str, Any],
    *,
    number: int = 1,
    parent: int = 0,
    trace: int = 1,
    moment: int = MOMENT,
    status: int = 0,
) -> Body:
    """Return a span of one second with small numbers as ids; parent 0 means root, status 2 means error."""
    body: Body = {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        "name": name,
        "startTimeUnixNano": str(max(moment - 1_000_000_000, 0)),
        "endTimeUnixNano": str(moment),
        "attributes": attributes({"CANARY": "CANARY-content", **values}),
        "status": {"code": status, "message": "CANARY-status"},
    }
    return {**body, "parentSpanId": f"{parent:016x}"} if parent else body


def metrics(*reported: Body, resource: dict[str, Any] | None = None, scope: str = "") -> Body:
    """Return a request with one resource and one scope."""
    scope_metrics = [{"scope": {"name": scope}, "metrics": list(reported)}]
    return {
        "resourceMetrics": [{"resource": {"attributes": attributes(resource or {})}, "scopeMetrics": scope_metrics}]
    }


def counter(name: str, *points: Body, temporality: int = 2) -> Body:
    """Return a monotonic sum: cumulative, or delta with temporality 1."""
    return {
        "name": name,
        "sum": {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": list(points)},
    }


def histogram(name: str, *points: Body, temporality: int = 2) -> Body:
    return {"name": name, "histogram": {"aggregationTemporality": temporality, "dataPoints": list(points)}}


def number_point(value: int, values: dict[str, Any], *, start: int = MOMENT, moment: int = MOMENT) -> Body:
    return {"asInt": str(value), **_point(values, start, moment)}


def histogram_point(total: float, values: dict[str, Any], *, start: int = MOMENT, moment: int = MOMENT) -> Body:
    return {"sum": total, "count": "1", **_point(values, start, moment)}


def _point(values: dict[str, Any], start: int, moment: int) -> Body:
    return {"startTimeUnixNano": str(start), "timeUnixNano": str(moment), "attributes": attributes(values)}


def record(values: dict[str, Any], *, moment: int = MOMENT, observed: int = MOMENT, event_name: str = "") -> Body:
    body: Body = {
        "timeUnixNano": str(moment),
        "observedTimeUnixNano": str(observed),
        "body": any_value("CANARY-body"),
        "attributes": attributes(values),
    }
    return {**body, "eventName": event_name} if event_name else body


def claude_resource(team: str | None = "platform", **more: Any) -> dict[str, Any]:
    reported = {"service.name": "claude-code", "host.name": "CANARY-host", "user.email": "CANARY@example.org", **more}
    return reported if team is None else {"team.id": team, **reported}


def claude_record(event: str, sequence: int, values: dict[str, Any]) -> Body:
    reported = {
        "user.id": "CANARY-user",
        "user.email": "CANARY@example.org",
        "organization.id": "CANARY-organization",
        "session.id": "CANARY-session",
        "event.name": event,
        "event.sequence": sequence,
        "prompt": "CANARY-prompt",
        "vcs.repository.url.full": REPOSITORY,
    }
    return record({**reported, **values}, moment=MOMENT + sequence * 1_000_000)


def claude_request(sequence: int = 5, **values: Any) -> Body:
    """Return a request with 6,042 tokens: 1,200 uncached, 4,500 read, 300 written, 42 output."""
    reported = {
        "model": "claude-sonnet-4-5",
        "input_tokens": 1200,
        "output_tokens": 42,
        "cache_read_tokens": 4500,
        "cache_creation_tokens": 300,
        "request_id": "req_fake_0001",
    }
    return claude_record("api_request", sequence, {**reported, **values})


def claude_commit(sequence: int = 10) -> Body:
    reported = {
        "tool_name": "Bash",
        "tool_parameters": "CANARY-parameters",
        "vcs.ref.head.revision": REVISION,
        "vcs.ref.head.name": "feature",
        "vcs.ref.head.type": "branch",
    }
    return claude_record("tool_result", sequence, reported)


def claude_logs(*records: Body, team: str | None = "platform", **resource: Any) -> Body:
    return logs(*records, resource=claude_resource(team, **resource), scope="com.anthropic.claude_code.events")


def codex_completion(**values: Any) -> Body:
    reported = {
        "event.name": "codex.sse_event",
        "event.kind": "response.completed",
        "input_token_count": "1500",
        "output_token_count": "80",
        "cached_token_count": 900,
        "cache_write_token_count": 0,
        "reasoning_token_count": 33,
        "tool_token_count": "1580",
        "conversation.id": "CANARY-conversation",
        "user.account_id": "CANARY-account",
        "model": "gpt-5.1-codex",
    }
    return record({**reported, **values}, moment=0, event_name="event otel/src/events/session_telemetry.rs:1153")


def gemini_response(**values: Any) -> Body:
    reported = {
        "event.name": "gemini_cli.api_response",
        "session.id": "CANARY-session",
        "installation.id": "CANARY-installation",
        "prompt_id": "CANARY-prompt-id",
        "model": "gemini-2.5-pro",
        "input_token_count": 1500,
        "output_token_count": 47,
        "cached_content_token_count": 900,
        "thoughts_token_count": 33,
        "tool_token_count": 5,
        "total_token_count": 1585,
        "error": None,
        "finish_reasons": ["stop"],
    }
    return record({**reported, **values})
