"""LiteLLM's request spans."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.telemetry.reading.normalised import Readings, Reason
from tests.harness.otlp import Body, histogram, histogram_point, metrics, span, spans
from tests.unit.service.telemetry.sources.conftest import read_file
from vocabulary.tokens import TokenCounts, sum_tokens

Read = Callable[[Body], Readings]
RESOURCE = {"service.name": "litellm", "team.id": "gateway"}
OPENAI_USAGE = (
    "{'completion_tokens': 80, 'prompt_tokens': 1500, 'total_tokens': 1580, "
    "'completion_tokens_details': {'audio_tokens': None, 'reasoning_tokens': 33}, "
    "'prompt_tokens_details': {'audio_tokens': None, 'cached_tokens': 900}}"
)
CLAUDE_USAGE = (
    "{'completion_tokens': 42, 'prompt_tokens': 6000, 'total_tokens': 6042, 'completion_tokens_details': None, "
    "'prompt_tokens_details': {'audio_tokens': None, 'cached_tokens': 4500, 'cache_creation_tokens': 300}, "
    "'cache_creation_input_tokens': 300, 'cache_read_input_tokens': 4500}"
)


def request(number: int = 1, *, name: str = "litellm_request", **values: Any) -> Body:
    reported = {
        "metadata.user_api_key_team_id": "",
        "metadata.user_api_key_user_email": "CANARY@example.org",
        "metadata.usage_object": OPENAI_USAGE,
        "hidden_params": "CANARY",
        "llm.user": "CANARY-user",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini",
        "litellm.call_id": f"call-{number}",
        "gen_ai.usage.input_tokens": 1500,
        "gen_ai.usage.output_tokens": 80,
        "gen_ai.usage.total_tokens": 1580,
    }
    return span(name, {**reported, **values}, number=number)


@pytest.fixture
def only(read: Read) -> Callable[..., Any]:
    """The one event of a request."""

    def event(**values: Any) -> Any:
        (one,) = read(spans(request(**values), resource=RESOURCE, scope="litellm")).events
        return one

    return event


def test_the_split_stands_in_the_usage_object(only: Callable[..., Any]) -> None:
    event = only()
    assert event.tokens == TokenCounts(600, 900, 0, 47, 33)
    assert (event.source, event.provider, event.model) == ("litellm", "openai", "gpt-4o-mini")
    assert (event.session, event.anonymous) == (None, False)


def test_claudes_input_includes_the_cache(only: Callable[..., Any]) -> None:
    values = {
        "metadata.usage_object": CLAUDE_USAGE,
        "gen_ai.usage.input_tokens": 6000,
        "gen_ai.usage.output_tokens": 42,
    }
    event = only(**values, **{"gen_ai.usage.total_tokens": 6042, "gen_ai.request.model": "claude-sonnet-4-5"})
    assert event.tokens == TokenCounts(1200, 4500, 300, 42, 0)


@pytest.mark.parametrize("usage", [None, "CANARY", "{" * 100_000, "{'cached_tokens': None}", "{'cached_tokens': 9e9}"])
def test_without_a_readable_usage_object_all_input_is_fresh(usage: str | None, only: Callable[..., Any]) -> None:
    assert only(**{"metadata.usage_object": usage}).tokens == TokenCounts(1500, 0, 0, 80, 0)


def test_parts_larger_than_their_wholes_stand_beside_them(only: Callable[..., Any]) -> None:
    event = only(**{"metadata.usage_object": "{'cached_tokens': 9999999, 'reasoning_tokens': 9999}"})
    assert event.tokens == TokenCounts(1500, 9999999, 0, 80, 9999)


def test_the_keys_team_goes_before_the_gateways(only: Callable[..., Any]) -> None:
    assert only().team == "gateway"
    assert only(**{"metadata.user_api_key_team_id": "team-x"}).team == "team-x"


def test_a_call_in_two_spans_counts_once(read: Read) -> None:
    copies = [request(1), request(2, name="Received Proxy Server Request", **{"litellm.call_id": "call-1"})]
    events = read(spans(*copies, resource=RESOURCE, scope="litellm")).events
    assert len(events) == 2
    assert len({event.identity for event in events}) == 1


def test_requests_without_a_call_id_are_distinguished_by_span(read: Read) -> None:
    both = [request(number, **{"litellm.call_id": None}) for number in (1, 2)]
    events = read(spans(*both, resource=RESOURCE, scope="litellm")).events
    assert len({event.identity for event in events}) == 2


@pytest.mark.parametrize(
    "other",
    [
        request(name="raw_gen_ai_request"),
        span("litellm_request", {"litellm.call_id": "failed"}),
        span("auth", {"service": "redis"}),
    ],
)
def test_other_spans_say_nothing(other: Body, read: Read) -> None:
    assert read(spans(other, resource=RESOURCE, scope="litellm")) == Readings()


def test_the_histogram_repeats_the_spans_and_is_dropped(read: Read) -> None:
    point = histogram_point(1500, {"gen_ai.token.type": "input", "gen_ai.framework": "litellm"})
    body = metrics(histogram("gen_ai.client.token.usage", point), resource=RESOURCE, scope="litellm.integrations")
    assert read(body) == Readings()


def test_it_is_known_by_its_attributes_wherever_it_runs(read: Read) -> None:
    (event,) = read(spans(request(), resource={"service.name": "gateway"}, scope="renamed")).events
    assert event.source == "litellm"


def test_counts_without_sense_are_rejected(read: Read) -> None:
    body = spans(request(**{"gen_ai.usage.input_tokens": -1}), resource=RESOURCE, scope="litellm")
    assert read(body) == Readings(rejections={Reason.COUNTS: 1})


@pytest.mark.shared
def test_the_real_bodies_hold_the_expected_tokens(shared: Path) -> None:
    bodies = sorted((shared / "telemetry/litellm").glob("[0-9]*"))
    events = [event for path in bodies for event in read_file(path).events]
    total = sum_tokens(event.tokens for event in events)
    assert (len(events), sum(total[:3]), sum(total[3:])) == (3, 7510, 142)
    assert (total.cache_read, total.output_reasoning) == (900, 33)
    assert [event.team for event in events] == ["team-x", "platform", "platform"]
    assert "CANARY" not in repr(events)
