"""What the edge lets through: all that the intake reads, and nothing of whom or what it is about."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from service.telemetry.otlp.decode import Encoding, decode
from service.telemetry.otlp.records import Signal
from service.telemetry.reading.normalised import Readings
from service.telemetry.sources.registry import WANTED, read_all
from tests.harness.edge_collector import ENVIRONMENT, configuration, passed
from tests.harness.otlp import (
    REQUESTS,
    Body,
    as_protobuf,
    claude_logs,
    claude_record,
    logs,
    record,
    signal_of,
    span,
    spans,
)
from tests.harness.otlp_cuts import pieces, read_body, signal_at, together
from tests.unit.service.telemetry.sources.conftest import RECEIVED_AT

EDGE = configuration("edge.yaml")
PAYLOADS = Path(__file__).resolve().parents[2] / "payloads/telemetry"
RECORDED = sorted(PAYLOADS.glob("*/[0-9]*.json"))


def readings(signal: Signal, request: Message) -> Readings:
    return read_all(decode(signal, Encoding.PROTOBUF, request.SerializeToString(), WANTED[signal]), RECEIVED_AT)


def renamed(names: list[Any]) -> list[int]:
    """The same names as numbers in the order of their first use: which are equal, and not what they are."""
    order: dict[Any, int] = {}
    return [order.setdefault(name, len(order)) for name in names]


def said(read: Readings) -> dict[str, Any]:
    """All that is read but the names of sessions and series, of which only stays which are equal."""
    events = [*read.events, *(span.event for span in read.spans), *(point.event for point in read.points)]
    return {
        "events": [
            (event.source, event.occurred_at, event.tokens, event.provider, event.model, event.context_tier)
            for event in events
        ],
        "labels": [
            (event.team, event.workflow, event.prompt_template, event.links, event.anonymous) for event in events
        ],
        "outcomes": [(event.request, event.duration_ms, event.failed) for event in events],
        "evidence": [(one.source, one.occurred_at, one.links) for one in read.evidence],
        "sessions": renamed([one.session for one in (*events, *read.evidence)]),
        "identities": renamed([event.identity for event in read.events]),
        "spans": [(span.service, span.span, span.parent) for span in read.spans],
        "points": [
            (point.service, point.signal, point.part, point.start, point.moment, point.value, point.is_cumulative)
            for point in read.points
        ],
        "series": renamed([point.series for point in read.points]),
        "groups": renamed([point.group for point in read.points]),
        "rejections": Counter(read.rejections),
    }


def assert_the_same_is_read(signal: Signal, request: Message) -> None:
    assert said(readings(signal, passed(EDGE, signal, request))) == said(readings(signal, request))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_intake_reads_of_a_recorded_body_what_it_would_have_read_without_the_edge(path: Path) -> None:
    assert_the_same_is_read(signal_at(path), read_body(path))


@pytest.mark.parametrize(
    "body",
    [
        claude_logs(claude_record("api_error", 3, {"error": "CANARY", "duration_ms": 900, "request_id": "req_1"})),
        logs(record({"event.name": "codex.api_request", "http.response.status_code": 429})),
        logs(record({"event.name": "codex.sse_event", "event.kind": "response.failed"})),
        logs(record({"event.name": "gemini_cli.api_error", "error": "CANARY", "model": "gemini-3"})),
        spans(span("chat", {"gen_ai.operation.name": "chat"}, status=2)),
        spans(span("chat", {"gen_ai.operation.name": "chat", "error.type": "timeout"})),
        spans(span("x", {"ai.operationId": "ai.streamText.doStream"}, status=2)),
        spans(span("litellm_request", {"litellm.call_id": "1"}, status=2)),
    ],
)
def test_failed_requests_pass_without_their_errors(body: Body) -> None:
    signal = signal_of(body)
    request = REQUESTS[signal].FromString(as_protobuf(body))
    read = readings(signal, request)
    assert len(read.events) + len(read.spans) == 1
    assert_the_same_is_read(signal, request)
    assert b"CANARY" not in passed(EDGE, signal, request).SerializeToString()


@pytest.mark.parametrize("values", [{"error.type": "500"}, {"http.response.status_code": 500}])
def test_a_failure_without_a_model_request_does_not_pass(values: dict[str, Any]) -> None:
    request = REQUESTS[Signal.TRACES].FromString(as_protobuf(spans(span("GET /", values, status=2))))
    (resource_spans,) = passed(EDGE, Signal.TRACES, request).resource_spans
    assert not resource_spans.scope_spans[0].spans


def test_the_recorded_bodies_hold_tokens_in_every_signal() -> None:
    reported = Counter[Signal]()
    for path in RECORDED:
        read = readings(signal_at(path), passed(EDGE, signal_at(path), read_body(path)))
        reported[signal_at(path)] += len(read.events) + len(read.spans) + len(read.points)
    assert set(reported) == set(Signal)
    assert all(reported.values())


@pytest.mark.shared
def test_nothing_of_what_real_agents_say_of_whom_or_what_it_is_about_passes(shared: Path) -> None:
    paths = sorted(path for path in (shared / "telemetry").glob("*/*") if path.suffix in {".pb", ".json"})
    bodies = [(path, signal_at(path), read_body(path)) for path in paths]
    assert sum(b"CANARY" in request.SerializeToString() for _, _, request in bodies) > 10
    for path, signal, request in bodies:
        assert_the_same_is_read(signal, request)
        assert b"CANARY" not in passed(EDGE, signal, request).SerializeToString(), path


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_nothing_reads_does_not_pass_wherever_it_stands(path: Path) -> None:
    signal, request = signal_at(path), read_body(path)
    for piece in pieces(signal, request):
        add_texts(signal, piece)
        lists = attribute_lists(piece)
        for attributes in lists:
            attributes.add(key="user.email").value.string_value = "CANARY"
            attributes.add(key="unheard.of").value.kvlist_value.values.add(key="CANARY").value.string_value = "CANARY"
        assert len(lists) > 2
        assert_the_same_is_read(signal, piece)
        assert b"CANARY" not in passed(EDGE, signal, piece).SerializeToString()


def add_texts(signal: Signal, piece: Any) -> None:
    """Texts beside the attributes, and whatever else may hold attributes."""
    if signal is Signal.LOGS:
        record = piece.resource_logs[0].scope_logs[0].log_records[0]
        record.body.string_value = record.severity_text = "CANARY"
    elif signal is Signal.TRACES:
        span = piece.resource_spans[0].scope_spans[0].spans[0]
        span.trace_state = span.status.message = "CANARY"
        span.events.add(name="CANARY")
    else:
        metric = piece.resource_metrics[0].scope_metrics[0].metrics[0]
        metric.description = "CANARY"
        getattr(metric, metric.WhichOneof("data")).data_points[0].exemplars.add()


def attribute_lists(message: Any) -> list[Any]:
    """Every list of attributes within a message, those that are empty too."""
    found = []
    for field in message.DESCRIPTOR.fields:
        if field.name in {"attributes", "filtered_attributes"} and type(message).__name__ != "Link":
            found.append(getattr(message, field.name))
        elif field.type == field.TYPE_MESSAGE and (field.is_repeated or message.HasField(field.name)):
            value = getattr(message, field.name)
            for one in value if field.is_repeated else [value]:
                found += attribute_lists(one)
    return found


def test_series_that_differ_only_in_dropped_attributes_stay_apart() -> None:
    path = next(path for path in RECORDED if signal_at(path) is Signal.METRICS)
    copies = []
    for user in ("ada", "grace"):
        copy = read_body(path)
        for piece in copy.resource_metrics:
            piece.resource.attributes.add(key="host.name").value.string_value = user
        copies.append(copy)
    whole = together([piece for copy in copies for piece in pieces(Signal.METRICS, copy)])
    assert_the_same_is_read(Signal.METRICS, whole)
    read = readings(Signal.METRICS, passed(EDGE, Signal.METRICS, whole))
    assert len({point.series for point in read.points}) == 2 * len(
        {point.series for point in readings(Signal.METRICS, copies[0]).points}
    )


def test_another_salt_makes_other_hashes() -> None:
    path = next(path for path in RECORDED if path.parent.name == "claude-code-1" and signal_at(path) is Signal.LOGS)
    request = read_body(path)

    def sessions(salt: str) -> set[str | None]:
        environment = {**ENVIRONMENT, "SHIPLEDGER_EDGE_SALT": salt}
        return {
            event.session for event in readings(Signal.LOGS, passed(EDGE, Signal.LOGS, request, environment)).events
        }

    clear = {event.session for event in readings(Signal.LOGS, request).events}
    assert sessions("one") == sessions("one")
    assert not sessions("one") & (sessions("two") | clear)


def test_of_the_text_of_a_tool_call_only_the_commit_passes() -> None:
    def log(parameters: str) -> Any:
        body = {
            "resourceLogs": [
                {
                    "resource": {"attributes": []},
                    "scopeLogs": [
                        {
                            "scope": {"name": "com.anthropic.claude_code.events"},
                            "logRecords": [
                                {
                                    "body": {"stringValue": "CANARY"},
                                    "attributes": [
                                        {"key": "tool_parameters", "value": {"stringValue": parameters}},
                                    ],
                                }
                            ],
                        }
                    ],
                }
            ]
        }
        return type(read_body(next(path for path in RECORDED if signal_at(path) is Signal.LOGS))).FromString(
            as_protobuf(body)
        )

    kept = passed(EDGE, Signal.LOGS, log('{"full_command":"git commit -m \'CANARY\'",\n"git_commit_id":"6f7d561"}'))
    (record,) = kept.resource_logs[0].scope_logs[0].log_records
    assert record.attributes[0].value.string_value == '{"git_commit_id":"6f7d561"}'
    assert b"CANARY" not in kept.SerializeToString()
    for parameters in ('{"full_command":"CANARY"}', '{"git_commit_id":"CANARY"}'):
        assert not passed(EDGE, Signal.LOGS, log(parameters)).resource_logs[0].scope_logs[0].log_records


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        (
            "ai.response.providerMetadata",
            '{"anthropic":{"text":"CANARY","usage":{"cache_creation_input_tokens":0},"cacheCreationInputTokens": 42}}',
            '{"cacheCreationInputTokens":42}',
        ),
        ("ai.response.providerMetadata", '{"anthropic":{"text":"CANARY"}}', None),
        (
            "metadata.usage_object",
            "{'of': 'CANARY', 'reasoning_tokens': 3, 'of_it': {'cached_tokens': 0}, 'cache_read_input_tokens': 1500}",
            (
                "{'cached_tokens': 1500, 'cache_creation_tokens': 0, 'reasoning_tokens': 3, 'total_tokens': 0,"
                " 'ephemeral_1h_input_tokens': 0, 'web_search_requests': 0}"
            ),
        ),
        (
            "metadata.usage_object",
            "CANARY",
            (
                "{'cached_tokens': 0, 'cache_creation_tokens': 0, 'reasoning_tokens': 0, 'total_tokens': 0,"
                " 'ephemeral_1h_input_tokens': 0, 'web_search_requests': 0}"
            ),
        ),
    ],
)
def test_of_the_texts_of_a_provider_only_counts_pass(name: str, text: str, kept: str | None) -> None:
    request = read_body(next(path for path in RECORDED if path.parent.name == "opencode"))
    reported = [one for piece in request.resource_spans for scope in piece.scope_spans for one in scope.spans]
    for one in reported:
        for pair in [pair for pair in one.attributes if pair.key == name]:
            one.attributes.remove(pair)
        one.attributes.add(key=name).value.string_value = text
    through = passed(EDGE, Signal.TRACES, request)
    assert b"CANARY" not in through.SerializeToString()
    found = {
        pair.value.string_value
        for piece in through.resource_spans
        for scope in piece.scope_spans
        for one in scope.spans
        for pair in one.attributes
        if pair.key == name
    }
    assert found == ({kept} if kept else set())
