"""Records that hold tokens and are not counted."""

from collections.abc import Callable
from typing import Any

import pytest

from service.telemetry.otlp.records import Signal
from service.telemetry.reading.normalised import Dropped, DropReason, Readings
from tests.harness.otlp import (
    Body,
    counter,
    histogram,
    histogram_point,
    logs,
    metrics,
    number_point,
    record,
    span,
    spans,
)

Read = Callable[[Body], Readings]
USAGE = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 5}


@pytest.mark.parametrize(
    ("body", "dropped"),
    [
        (
            metrics(
                counter("claude_code.token.usage", number_point(7, {"type": "input"})),
                scope="com.anthropic.claude_code",
            ),
            Dropped("claude-code", Signal.METRICS, DropReason.NO_SESSION),
        ),
        (
            metrics(histogram("codex.turn.token_usage", histogram_point(7, {"token_type": "total"})), scope="codex"),
            Dropped("codex", Signal.METRICS, DropReason.REPEATED),
        ),
        (
            spans(span("handle_responses", USAGE), resource={"service.name": "codex_exec"}),
            Dropped("codex", Signal.TRACES, DropReason.REPEATED),
        ),
        (
            spans(span("agent", USAGE | {"session.id": "CANARY"}), resource={"service.name": "gemini-cli"}),
            Dropped("gemini-cli", Signal.TRACES, DropReason.REPEATED),
        ),
        (
            spans(span("llm_call", USAGE), resource={"service.name": "gemini-cli"}),
            Dropped("gemini-cli", Signal.TRACES, DropReason.NO_SESSION),
        ),
        (
            spans(span("API response", {"input_token_count": 7}), resource={"service.name": "qwen-code"}),
            Dropped("qwen-code", Signal.TRACES, DropReason.REPEATED),
        ),
        (
            spans(span("generation", {"langfuse.observation.usage_details": "CANARY"})),
            Dropped("", Signal.TRACES, DropReason.NOT_READ),
        ),
        (logs(record(USAGE)), Dropped("", Signal.LOGS, DropReason.NOT_READ)),
        (
            logs(
                record(USAGE | {"event.name": "gen_ai.client.inference.operation.details"}),
                resource={"service.name": "gemini-cli"},
            ),
            Dropped("gemini-cli", Signal.LOGS, DropReason.REPEATED),
        ),
        (
            metrics(counter("acme.tokens.used", number_point(7, {"who": "CANARY"}))),
            Dropped("", Signal.METRICS, DropReason.NOT_READ),
        ),
        (
            metrics(counter("gen_ai.client.inference.usage.input_tokens", number_point(-1, {}))),
            Dropped("", Signal.METRICS, "counts"),
        ),
    ],
)
def test_what_holds_tokens_and_is_not_counted_is_counted_as_dropped(
    body: Body, dropped: Dropped, read_whole: Read
) -> None:
    readings = read_whole(body)
    assert dict(readings.dropped) == {dropped: 1}
    assert "CANARY" not in repr(readings.dropped)


@pytest.mark.parametrize("name", ["gen_ai.server.time_per_output_token", "token_refresh_duration", "acme.requests"])
def test_metrics_of_other_things_are_not_taken_for_tokens(name: str, read_whole: Read) -> None:
    assert read_whole(metrics(counter(name, number_point(7, {})))).dropped == {}


def test_what_counts_is_not_dropped(read_whole: Read) -> None:
    values: dict[str, Any] = {"gen_ai.operation.name": "chat", **USAGE}
    assert (
        read_whole(spans(span("chat", values), span("tool", {"gen_ai.operation.name": "execute_tool"}))).dropped == {}
    )
