"""Spans of the Vercel AI SDK, as its versions 4 to 6 make them."""

from collections.abc import Callable
from typing import Any

import pytest

from service.telemetry.reading.normalised import Readings
from tests.harness.otlp import Body, span, spans
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]
CONTENT = {"ai.prompt.messages": "CANARY-prompt", "ai.response.text": "CANARY-answer", "ai.prompt.tools": ["CANARY"]}


def step(operation: str = "ai.streamText.doStream", *, number: int = 1, parent: int = 0, **values: Any) -> Body:
    reported = {
        "ai.operationId": operation,
        "ai.model.id": "gpt-5-nano",
        "ai.model.provider": "openai.responses",
        "ai.telemetry.metadata.sessionId": "CANARY-session",
        **CONTENT,
    }
    return span(operation, {**reported, **values}, number=number, parent=parent)


def usage(**counts: int) -> dict[str, int]:
    return {f"ai.usage.{name}": value for name, value in counts.items()}


OPENAI = usage(inputTokens=2224, outputTokens=1469, totalTokens=3693, reasoningTokens=1152, cachedInputTokens=2048)


def test_openais_input_includes_the_cache_and_output_includes_reasoning(read: Read) -> None:
    (event,) = read(spans(step(**OPENAI), resource={"service.name": "opencode"})).events
    assert event.tokens == TokenCounts(176, 2048, 0, 317, 1152)
    assert (event.source, event.provider, event.model) == ("opencode", "openai", "gpt-5-nano")
    assert event.session == "CANARY-session"


def test_anthropics_input_excludes_the_cache_up_to_version_5(read: Read) -> None:
    values: dict[str, Any] = {
        "ai.model.id": "claude-3-5-haiku-20241022",
        "ai.model.provider": "anthropic.messages",
        **usage(inputTokens=4, outputTokens=104, totalTokens=108, cachedInputTokens=0),
        "gen_ai.usage.input_tokens": 4,
        "ai.response.providerMetadata": '{"anthropic":{"usage":{"input_tokens":4,"cache_creation_input_tokens":2183}}}',
    }
    (event,) = read(spans(step(**values))).events
    assert event.tokens == TokenCounts(4, 0, 2183, 104, 0)
    assert (event.source, event.provider) == ("vercel-ai", "anthropic")


def test_from_version_6_on_input_includes_the_cache_everywhere(read: Read) -> None:
    values = usage(inputTokens=9500, outputTokens=300, cachedInputTokens=8000)
    values |= {
        "ai.usage.inputTokenDetails.noCacheTokens": 1000,
        "ai.usage.inputTokenDetails.cacheReadTokens": 8000,
        "ai.usage.inputTokenDetails.cacheWriteTokens": 500,
        "ai.usage.outputTokenDetails.reasoningTokens": 100,
    }
    (event,) = read(spans(step(**values, **{"ai.model.provider": "anthropic.messages"}))).events
    assert event.tokens == TokenCounts(1000, 8000, 500, 200, 100)


def test_version_4_calls_them_prompt_and_completion(read: Read) -> None:
    (event,) = read(spans(step("ai.generateText.doGenerate", **usage(promptTokens=10, completionTokens=20)))).events
    assert event.tokens == TokenCounts(10, 0, 0, 20, 0)


def test_embeddings_have_input_only(read: Read) -> None:
    (event,) = read(spans(step("ai.embed.doEmbed", **usage(tokens=7)))).events
    assert event.tokens == TokenCounts(7)


def test_parent_spans_and_tool_spans_add_no_tokens(read: Read) -> None:
    reported = [
        step("ai.streamText", number=1, **OPENAI),
        step(number=2, parent=1, **OPENAI),
        step("ai.toolCall", number=3, parent=1),
        step(number=4, parent=1),
    ]
    (event,) = read(spans(*reported)).events
    assert event.tokens.total == 3693


@pytest.mark.parametrize("metadata", ["CANARY", "{" * 1000, '{"anthropic":{"cacheCreationInputTokens":null}}'])
def test_nothing_but_a_number_is_read_of_the_providers_metadata(metadata: str, read: Read) -> None:
    (event,) = read(spans(step(**OPENAI, **{"ai.response.providerMetadata": metadata}))).events
    assert event.tokens.cache_write == 0
    assert "CANARY" not in repr((event.model, event.provider, event.workflow, event.team))


GROK = usage(inputTokens=555, outputTokens=190, reasoningTokens=1057, cachedInputTokens=316)


@pytest.mark.parametrize(
    ("values", "output"),
    [
        ({}, (190, 1057)),
        ({"ai.usage.totalTokens": 1802}, (190, 1057)),
        ({"ai.usage.reasoningTokens": 100, "ai.usage.totalTokens": 845}, (190, 100)),
        ({"ai.usage.reasoningTokens": 100, "ai.usage.totalTokens": 745}, (90, 100)),
        ({"ai.usage.reasoningTokens": 100}, (190, 100)),
    ],
    ids=["larger than its whole", "and the total says so", "by the total", "within by the total", "by the provider"],
)
def test_reasoning_of_xai_stands_beside_the_output_up_to_version_5(
    values: dict[str, Any], output: tuple[int, int], read: Read
) -> None:
    (event,) = read(spans(step(**GROK | values, **{"ai.model.provider": "xai.chat"}))).events
    assert event.tokens == TokenCounts(239, 316, 0, *output)
