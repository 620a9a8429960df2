"""What decides a price beside model and tokens, from every source that reports it."""

from collections.abc import Callable
from typing import Any

from service.telemetry.reading.normalised import Readings, TokenEvent
from tests.harness.otlp import Body, claude_logs, claude_request, span, spans

Read = Callable[[Body], Readings]
WRITTEN = {"gen_ai.usage.input_tokens": 6384, "gen_ai.usage.cache_write.input_tokens": 312}


def charges(event: TokenEvent) -> tuple[int, str, int]:
    return event.cache_write_1h, event.service_tier, event.web_searches


def of_span(read: Read, values: dict[str, Any], scope: str = "") -> TokenEvent:
    readings = read(spans(span("litellm_request" if scope else "chat", values), scope=scope))
    return readings.events[0] if readings.events else readings.spans[0].event


def test_claude_code_reports_writes_for_an_hour_and_fast_mode(read: Read) -> None:
    values = {"cache_creation_tokens": 100, "cache_creation_1h_tokens": "80", "speed": "fast"}
    (event,) = read(claude_logs(claude_request(1, **values))).events
    assert charges(event) == (80, "fast", 0)
    (event,) = read(claude_logs(claude_request(1, speed="normal"))).events
    assert charges(event) == (0, "", 0)


def test_conventions_report_writes_for_an_hour_the_tier_and_searches(read: Read) -> None:
    values = {
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 100,
        "openai.response.service_tier": "priority",
        "gen_ai.usage.details.web_search_requests": 2,
    }
    assert charges(of_span(read, WRITTEN | values)) == (100, "priority", 2)
    assert charges(of_span(read, WRITTEN | {"gen_ai.openai.response.service_tier": "default"})) == (0, "", 0)


def test_never_more_lives_an_hour_than_was_written(read: Read) -> None:
    values = {"gen_ai.usage.input_tokens": 10, "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 7}
    assert charges(of_span(read, values))[0] == 7
    assert charges(of_span(read, WRITTEN | values | {"gen_ai.usage.cache_write.input_tokens": 3}))[0] <= 7


def test_litellm_reports_them_in_the_text_of_its_usage(read: Read) -> None:
    usage = (
        "{'prompt_tokens': 1000, 'cache_creation_input_tokens': 300, 'service_tier': 'flex',"
        " 'cache_creation_token_details': {'ephemeral_1h_input_tokens': 200},"
        " 'server_tool_use': {'web_search_requests': 3}}"
    )
    values = {"gen_ai.usage.input_tokens": 1000, "metadata.usage_object": usage, "litellm.call_id": "1"}
    assert charges(of_span(read, values, "litellm")) == (200, "flex", 3)


def test_the_vercel_sdk_reports_writes_for_an_hour_in_the_metadata_of_the_provider(read: Read) -> None:
    metadata = (
        '{"anthropic":{"cacheCreationInputTokens":300,"usage":{"cache_creation":{"ephemeral_1h_input_tokens":200}}}}'
    )
    values = {
        "ai.operationId": "ai.streamText.doStream",
        "ai.model.provider": "anthropic.messages",
        "ai.usage.inputTokens": 5,
        "ai.response.providerMetadata": metadata,
    }
    event = of_span(read, values)
    assert (event.tokens.cache_write, *charges(event)) == (300, 200, "", 0)
