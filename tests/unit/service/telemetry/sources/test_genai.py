"""Services that nobody configured, on the GenAI conventions old and new."""

from collections.abc import Callable
from typing import Any

import pytest

from service.telemetry.reading.normalised import Part, Readings, Reason, TokenSignal
from tests.harness.otlp import (
    MOMENT,
    Body,
    counter,
    histogram,
    histogram_point,
    metrics,
    number_point,
    span,
    spans,
)
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]
RESOURCE = {"service.name": "review-bot", "team.id": "platform"}
CONTENT = {
    "gen_ai.input.messages": "CANARY",
    "gen_ai.prompt.0.content": "CANARY",
    "gen_ai.completion.0.content": "CANARY",
}

CURRENT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5",
    "gen_ai.response.model": "claude-sonnet-4-5-20250929",
    "gen_ai.conversation.id": "CANARY-conversation",
    "gen_ai.usage.input_tokens": 6000,
    "gen_ai.usage.cache_read.input_tokens": 4500,
    "gen_ai.usage.cache_write.input_tokens": 300,
    "gen_ai.usage.output_tokens": 142,
    "gen_ai.usage.reasoning.output_tokens": 100,
}
BEFORE = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5-20250929",
    "gen_ai.usage.input_tokens": 6000,
    "gen_ai.usage.cache_read_input_tokens": 4500,
    "gen_ai.usage.cache_creation_input_tokens": 300,
    "gen_ai.usage.output_tokens": 142,
    "gen_ai.usage.reasoning_tokens": 100,
}
FIRST = {
    "gen_ai.system": "Anthropic",
    "llm.request.type": "chat",
    "gen_ai.request.model": "claude-sonnet-4-5-20250929",
    "gen_ai.usage.prompt_tokens": 6000,
    "gen_ai.usage.cache_read_input_tokens": 4500,
    "gen_ai.usage.cache_creation_input_tokens": 300,
    "gen_ai.usage.completion_tokens": 142,
    "llm.usage.total_tokens": 6142,
    "llm.usage.reasoning_tokens": 100,
}


@pytest.mark.parametrize("spelling", [CURRENT, BEFORE, FIRST])
def test_a_request_is_read_equally_in_every_spelling(spelling: dict[str, Any], read: Read) -> None:
    (reading,) = read(spans(span("chat claude", {**spelling, **CONTENT}), resource=RESOURCE)).spans
    event = reading.event
    assert event.tokens == TokenCounts(1200, 4500, 300, 42, 100)
    assert (event.source, event.provider, event.model) == ("genai", "anthropic", "claude-sonnet-4-5-20250929")
    assert (event.team, reading.service) == ("platform", ("", "review-bot", "platform"))


@pytest.mark.parametrize(
    "values",
    [
        {"gen_ai.usage.input_tokens": 1200},
        {"gen_ai.usage.input_tokens": 5000, "gen_ai.usage.total_tokens": 5000 + 4500 + 300 + 142},
    ],
    ids=["a cache larger than the input", "a total that holds the cache on top"],
)
def test_input_without_cache_is_recognised_by_its_numbers(values: dict[str, Any], read: Read) -> None:
    (reading,) = read(spans(span("chat claude", {**BEFORE, **values}), resource=RESOURCE)).spans
    assert reading.event.tokens[:3] == (values["gen_ai.usage.input_tokens"], 4500, 300)


@pytest.mark.parametrize("operation", ["invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "retrieval"])
def test_spans_that_send_no_request_sum_up_others(operation: str, read: Read) -> None:
    body = spans(span("agent", {**CURRENT, "gen_ai.operation.name": operation}), resource=RESOURCE)
    readings = read(body)
    assert (readings.spans, len(readings.summaries)) == ((), 1)


def test_a_request_without_usage_is_skipped(read: Read) -> None:
    body = spans(span("chat", {"gen_ai.operation.name": "chat"}), resource=RESOURCE)
    assert read(body) == Readings()


@pytest.mark.parametrize(("sent", "kept"), [("refused", "refused"), ("Retry", "retry"), ("CANARY", ""), (None, "")])
def test_what_a_guardrail_did_is_one_of_two_words_of_the_request_itself(
    read: Read, sent: str | None, kept: str
) -> None:
    resource = {**RESOURCE, "shipledger.guardrail": "retry"}
    (reading,) = read(spans(span("chat", {**CURRENT, "shipledger.guardrail": sent}), resource=resource)).spans
    assert reading.event.guardrail == kept


def test_workflow_and_prompt_template_are_kept_when_sent(read: Read) -> None:
    reported = {"traceloop.workflow.name": "nightly", "traceloop.prompt.key": "review", "traceloop.prompt.version": 3}
    (reading,) = read(spans(span("chat", {**CURRENT, **reported}), resource=RESOURCE)).spans
    assert (reading.event.workflow, reading.event.prompt_template) == ("nightly", "review/3")


@pytest.mark.parametrize(
    "values",
    [
        {"gen_ai.usage.input_tokens": -1},
        {"gen_ai.usage.input_tokens": 1e30},
        {"gen_ai.usage.output_tokens": "CANARY"},
        {"gen_ai.usage.output_tokens": 0.5},
    ],
)
def test_counts_without_sense_are_rejected(values: dict[str, Any], read: Read) -> None:
    body = spans(span("chat", {**CURRENT, **values}), resource=RESOURCE)
    assert read(body) == Readings(rejections={Reason.COUNTS: 1})


@pytest.mark.parametrize("moment", [1, MOMENT - 10 * 31_557_600 * 10**9, MOMENT + 5 * 31_557_600 * 10**9])
def test_a_clock_that_is_years_off_is_rejected(moment: int, read: Read) -> None:
    point = number_point(1, {}, moment=moment)
    bodies = [
        spans(span("chat", CURRENT, moment=moment), resource=RESOURCE),
        metrics(counter("gen_ai.client.inference.usage.input_tokens", point), resource=RESOURCE),
    ]
    for body in bodies:
        assert read(body) == Readings(rejections={Reason.TIME: 1})


def test_the_sum_of_a_histogram_is_read(read: Read) -> None:
    values = {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o"}
    types = ["input", "output", "cache_read", "reasoning", "unheard-of"]
    points = [histogram_point(10.0, {**values, "gen_ai.token.type": name}) for name in types]
    readings = read(metrics(histogram("gen_ai.client.token.usage", *points), resource=RESOURCE)).points
    parts = [Part.INPUT, Part.OUTPUT, Part.READ_BY_NUMBERS, Part.REASONING_BY_NUMBERS]
    assert [(point.part, point.value) for point in readings] == [(part, 10) for part in parts]
    assert {point.signal for point in readings} == {TokenSignal.HISTOGRAM}
    assert {(point.event.provider, point.event.model) for point in readings} == {("openai", "gpt-4o")}
    assert len({point.series for point in readings}) == 4
    assert len({point.group for point in readings}) == 1


def test_modalities_are_several_series_of_one_group(read: Read) -> None:
    points = [number_point(5, {"gen_ai.token.modality": name, "user": "CANARY"}) for name in ("text", "image")]
    body = metrics(counter("gen_ai.client.inference.usage.input_tokens", *points, temporality=1), resource=RESOURCE)
    first, second = read(body).points
    assert (first.is_cumulative, first.part, first.signal) == (False, Part.INPUT, TokenSignal.COUNTERS)
    assert first.series != second.series
    assert first.group == second.group
    assert "CANARY" not in repr((first, second))


def test_every_attribute_of_a_series_distinguishes_it(read: Read) -> None:
    resources = [{**RESOURCE, "process.pid": pid} for pid in (1, 2)]
    points = [number_point(5, {"user": name}) for name in ("CANARY-1", "CANARY-2")]
    name = "gen_ai.client.inference.usage.input_tokens"
    reported = [
        read(metrics(counter(name, *points), resource=resource, scope=scope))
        for resource in resources
        for scope in "ab"
    ]
    assert len({point.series for readings in reported for point in readings.points}) == 8


@pytest.mark.parametrize("value", [-1, 10**13, 0.5, float("nan"), float("inf"), 1e30])
def test_sums_without_sense_are_rejected(value: float, read: Read) -> None:
    point = histogram_point(value, {"gen_ai.token.type": "input"})
    if value != value or value == float("inf"):  # noqa: PLR0124 - NaN; JSON writes both as text
        point["sum"] = "NaN" if value != value else "Infinity"  # noqa: PLR0124 - NaN
    body = metrics(histogram("gen_ai.client.token.usage", point), resource=RESOURCE)
    assert read(body) == Readings(rejections={Reason.COUNTS: 1})


@pytest.mark.parametrize(
    ("resource", "scope"),
    [
        ({"service.name": "claude-code"}, ""),
        ({"service.name": "renamed"}, "com.anthropic.claude_code"),
        ({"service.name": "codex_cli_rs"}, ""),
        ({"service.name": "gemini-cli"}, ""),
    ],
)
def test_agents_that_send_logs_are_not_counted_again(resource: dict[str, str], scope: str, read: Read) -> None:
    point = histogram_point(10, {"gen_ai.token.type": "input"})
    assert (
        read(spans(span("agent", CURRENT | {"gen_ai.operation.name": "agent"}), resource=resource, scope=scope))
        == Readings()
    )
    assert read(metrics(histogram("gen_ai.client.token.usage", point), resource=resource, scope=scope)) == Readings()


def test_gauges_and_other_metrics_are_not_read(read: Read) -> None:
    gauge = {"name": "gen_ai.client.token.usage", "gauge": {"dataPoints": [number_point(5, {})]}}
    other = counter("gen_ai.client.operation.duration", number_point(5, {"gen_ai.token.type": "input"}))
    assert read(metrics(gauge, other, resource=RESOURCE)) == Readings()
