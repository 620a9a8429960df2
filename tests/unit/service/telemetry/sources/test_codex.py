"""Codex's completed responses."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from service.telemetry.reading.normalised import Readings
from tests.harness.otlp import Body, codex_completion, logs
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]


def test_subsets_are_taken_out_of_input_and_output(read: Read) -> None:
    (event,) = read(logs(codex_completion(), resource={"team.id": "platform"})).events
    assert event.tokens == TokenCounts(600, 900, 0, 47, 33)
    assert (event.source, event.provider, event.model) == ("codex", "openai", "gpt-5.1-codex")
    assert (event.team, event.session) == ("platform", "CANARY-conversation")


def test_the_observed_time_counts_where_the_other_is_zero(read: Read) -> None:
    (event,) = read(logs(codex_completion())).events
    assert event.occurred_at == datetime(2026, 11, 22, 1, 45, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    "values",
    [
        {"input_token_count": None},
        {"event.kind": "response.output_item.done"},
        {"event.name": "codex.api_request", "http.response.status_code": 200},
        {"event.name": "codex.api_request", "endpoint": "/models"},
        {"event.name": None},
    ],
)
def test_other_events_and_the_completion_without_counts_say_nothing(values: dict[str, Any], read: Read) -> None:
    assert read(logs(codex_completion(**values))) == Readings()


def test_cache_writes_are_part_of_input(read: Read) -> None:
    (event,) = read(logs(codex_completion(cache_write_token_count="400"))).events
    assert event.tokens == TokenCounts(200, 900, 400, 47, 33)


def test_a_part_larger_than_its_whole_stands_beside_it(read: Read) -> None:
    (event,) = read(logs(codex_completion(cached_token_count=9000, reasoning_token_count=900))).events
    assert event.tokens == TokenCounts(1500, 9000, 0, 80, 900)
