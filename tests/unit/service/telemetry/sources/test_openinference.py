"""Spans of OpenInference."""

from collections.abc import Callable
from typing import Any

from service.telemetry.reading.normalised import Readings
from tests.harness.otlp import Body, span, spans
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]
SCOPE = "openinference.instrumentation.anthropic"
REQUEST = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "claude-sonnet-4-5-20250929",
    "llm.provider": "anthropic",
    "llm.token_count.prompt": 1000,
    "llm.token_count.completion": 50,
    "llm.token_count.total": 1050,
    "llm.token_count.prompt_details.cache_read": 900,
    "llm.token_count.completion_details.reasoning": 20,
    "session.id": "CANARY-session",
    "user.id": "CANARY-user",
    "input.value": "CANARY-prompt",
}


def request(scope: str = SCOPE, **values: Any) -> Body:
    return spans(span("Messages", {**REQUEST, **values}), scope=scope, resource={"service.name": "app"})


def test_a_request_counts_with_its_cache_and_reasoning(read: Read) -> None:
    (reading,) = read(request()).spans
    event = reading.event
    assert event.tokens == TokenCounts(100, 900, 0, 30, 20)
    assert (event.source, event.provider, event.model) == ("openinference", "anthropic", "claude-sonnet-4-5-20250929")
    assert (event.session, reading.service) == ("CANARY-session", ("", "app", ""))


def test_instrumentations_that_pass_on_the_providers_numbers_are_recognised_by_them(read: Read) -> None:
    values = {"llm.token_count.prompt": 100, "llm.token_count.total": 1050}
    (reading,) = read(request("openinference.instrumentation.strands_agents", **values)).spans
    assert reading.event.tokens == TokenCounts(100, 900, 0, 30, 20)


def test_a_span_that_follows_the_genai_conventions_too_is_read_once_by_these(read: Read) -> None:
    (reading,) = read(request(**{"gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 50})).spans
    assert (reading.event.source, reading.event.tokens.total) == ("genai", 1050)


def test_an_embedding_has_a_total_alone(read: Read) -> None:
    values = {"openinference.span.kind": "EMBEDDING", "embedding.model_name": "text-embedding-3-small"}
    (reading,) = read(spans(span("embed", {**values, "llm.token_count.total": 7}))).spans
    assert (reading.event.tokens, reading.event.model) == (TokenCounts(7), "text-embedding-3-small")


def test_a_failed_request_has_no_tokens_and_other_spans_say_nothing(read: Read) -> None:
    failed = span("Messages", {"openinference.span.kind": "LLM"}, status=2)
    (reading,) = read(spans(failed)).spans
    assert (reading.event.failed, reading.event.tokens) == (True, TokenCounts())
    assert read(spans(span("search", {"openinference.span.kind": "TOOL"}, status=2))) == Readings()
