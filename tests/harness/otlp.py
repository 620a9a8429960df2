"""Small OTLP log bodies as agents send them, in both encodings; identities and content are canaries."""

import json
from typing import Any

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}

# 2026-11-22T01:45:52Z
MOMENT = 1_795_311_952_000_000_000
REVISION = "6f7d5618106c4b7558541a320146da091f43c6c2"
REPOSITORY = "https://github.com/example-org/example-repo"

Body = dict[str, Any]


def any_value(value: Any) -> Body:
    """An AnyValue; None makes one with nothing set, and int64 is written as a string, as the JSON mapping says."""
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [any_value(one) for one in value]}}
        case _:
            return {"stringValue": str(value)}


def attributes(values: dict[str, Any]) -> list[Body]:
    return [{"key": key, "value": any_value(value)} for key, value in values.items()]


def logs(*records: Body, resource: dict[str, Any] | None = None, scope: str = "") -> Body:
    """A request with one resource and one scope."""
    scope_logs = [{"scope": {"name": scope}, "logRecords": list(records)}]
    return {"resourceLogs": [{"resource": {"attributes": attributes(resource or {})}, "scopeLogs": scope_logs}]}


def as_protobuf(body: Body) -> bytes:
    return ParseDict(body, ExportLogsServiceRequest()).SerializeToString()


def as_json(body: Body) -> bytes:
    return json.dumps(body).encode()


def record(values: dict[str, Any], *, moment: int = MOMENT, observed: int = MOMENT, event_name: str = "") -> Body:
    body: Body = {
        "timeUnixNano": str(moment),
        "observedTimeUnixNano": str(observed),
        "body": any_value("CANARY-body"),
        "attributes": attributes(values),
    }
    return {**body, "eventName": event_name} if event_name else body


def claude_resource(team: str | None = "platform", **more: Any) -> dict[str, Any]:
    told = {"service.name": "claude-code", "host.name": "CANARY-host", "user.email": "CANARY@example.org", **more}
    return told if team is None else {"team.id": team, **told}


def claude_record(event: str, sequence: int, values: dict[str, Any]) -> Body:
    told = {
        "user.id": "CANARY-user",
        "user.email": "CANARY@example.org",
        "organization.id": "CANARY-organization",
        "session.id": "CANARY-session",
        "event.name": event,
        "event.sequence": sequence,
        "prompt": "CANARY-prompt",
        "vcs.repository.url.full": REPOSITORY,
    }
    return record({**told, **values}, moment=MOMENT + sequence * 1_000_000)


def claude_request(sequence: int = 5, **values: Any) -> Body:
    """1,200 fresh, 4,500 read, 300 written, 42 out: 6,042 tokens."""
    told = {
        "model": "claude-sonnet-4-5",
        "input_tokens": 1200,
        "output_tokens": 42,
        "cache_read_tokens": 4500,
        "cache_creation_tokens": 300,
        "request_id": "req_fake_0001",
    }
    return claude_record("api_request", sequence, {**told, **values})


def claude_commit(sequence: int = 10) -> Body:
    told = {
        "tool_name": "Bash",
        "tool_parameters": "CANARY-parameters",
        "vcs.ref.head.revision": REVISION,
        "vcs.ref.head.name": "feature",
        "vcs.ref.head.type": "branch",
    }
    return claude_record("tool_result", sequence, told)


def claude_logs(*records: Body, team: str | None = "platform", **resource: Any) -> Body:
    return logs(*records, resource=claude_resource(team, **resource), scope="com.anthropic.claude_code.events")


def codex_completion(**values: Any) -> Body:
    told = {
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
    return record({**told, **values}, moment=0, event_name="event otel/src/events/session_telemetry.rs:1153")


def gemini_response(**values: Any) -> Body:
    told = {
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
    return record({**told, **values})
