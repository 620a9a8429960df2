"""Gemini CLI's api_response."""

from collections.abc import Callable
from typing import Any

import pytest

from service.telemetry.reading.normalised import Readings, Reason
from tests.harness.otlp import Body, gemini_response, logs
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]
RESOURCE = {"service.name": "gemini-cli", "team.id": "platform"}


def test_tool_prompts_come_on_top_of_input_and_thoughts_beside_output(read: Read) -> None:
    (event,) = read(logs(gemini_response(), resource=RESOURCE)).events
    assert event.tokens == TokenCounts(605, 900, 0, 47, 33)
    assert event.tokens.total == 1585
    assert (event.source, event.provider, event.model) == ("gemini-cli", "google", "gemini-2.5-pro")


@pytest.mark.parametrize("name", ["gen_ai.client.inference.operation.details", "gemini_cli.api_request"])
def test_the_records_that_repeat_a_response_say_nothing(name: str, read: Read) -> None:
    repeated = gemini_response(**{"event.name": name, "gen_ai.usage.input_tokens": 1500})
    assert read(logs(repeated, resource=RESOURCE)) == Readings()


@pytest.mark.parametrize("missing", ["tool_token_count", "thoughts_token_count", "cached_content_token_count"])
def test_an_empty_value_counts_as_missing(missing: str, read: Read) -> None:
    (event,) = read(logs(gemini_response(**{missing: None}), resource=RESOURCE)).events
    assert 0 < event.tokens.total <= 1585


def test_a_response_without_any_count_is_rejected(read: Read) -> None:
    counts = ("input", "output", "cached_content", "thoughts", "tool")
    nothing: dict[str, Any] = {f"{name}_token_count": None for name in counts}
    assert read(logs(gemini_response(**nothing), resource=RESOURCE)) == Readings(rejections={Reason.COUNTS: 1})


def test_prompts_in_the_same_millisecond_are_distinct(read: Read) -> None:
    first, second = read(logs(gemini_response(), gemini_response(prompt_id="another"), resource=RESOURCE)).events
    assert first.identity != second.identity
