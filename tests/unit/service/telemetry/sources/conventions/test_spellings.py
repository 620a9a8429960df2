"""Every spelling of usage that emitters of the GenAI conventions use."""

from collections.abc import Callable
from typing import Any

import pytest

from service.telemetry.reading.normalised import Part, Readings, TokenSignal
from service.telemetry.sources.conventions import spellings
from tests.harness.otlp import Body, counter, histogram, histogram_point, metrics, number_point, span, spans
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]
WHOLE = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 6000, "gen_ai.usage.output_tokens": 142}
CLIENT = "gen_ai.client.inference."


def tokens(read: Read, values: dict[str, Any], scope: str = "") -> TokenCounts:
    (reading,) = read(spans(span("chat", WHOLE | values), scope=scope)).spans
    return reading.event.tokens


@pytest.mark.parametrize("read_as", spellings.CACHE_READ)
def test_cache_reads_in_any_spelling(read_as: str, read: Read) -> None:
    assert tokens(read, {read_as: 4500}) == TokenCounts(1500, 4500, 0, 142, 0)


@pytest.mark.parametrize("written_as", spellings.CACHE_WRITE)
def test_cache_writes_in_any_spelling(written_as: str, read: Read) -> None:
    assert tokens(read, {written_as: 300}) == TokenCounts(5700, 0, 300, 142, 0)


@pytest.mark.parametrize("reasoned_as", spellings.REASONING)
def test_reasoning_in_any_spelling(reasoned_as: str, read: Read) -> None:
    assert tokens(read, {reasoned_as: 100}) == TokenCounts(6000, 0, 0, 42, 100)


def test_the_largest_of_several_spellings_of_a_part_counts(read: Read) -> None:
    values = {spellings.CACHE_READ[0]: 0, "gen_ai.usage.details.cache_read_tokens": 5077}
    assert tokens(read, values).cache_read == 5077


def test_the_newest_of_several_spellings_of_a_total_counts(read: Read) -> None:
    assert tokens(read, {"gen_ai.usage.prompt_tokens": 5}) == TokenCounts(6000, 0, 0, 142, 0)


def test_usage_by_modality_counts_if_there_is_no_other(read: Read) -> None:
    body = spans(
        span(
            "chat",
            {
                "gen_ai.usage.text.input_tokens": 100,
                "gen_ai.usage.image.input_tokens": 50,
                "gen_ai.usage.text.cache_read.input_tokens": 80,
                "gen_ai.usage.text.output_tokens": 7,
            },
        )
    )
    (reading,) = read(body).spans
    assert reading.event.tokens == TokenCounts(70, 80, 0, 7, 0)


def test_writes_by_lifetime_count_where_their_sum_is_missing(read: Read) -> None:
    assert tokens(read, {spellings.WRITTEN_5M[0]: 212, spellings.WRITTEN_1H[0]: 100}).cache_write == 312


@pytest.mark.parametrize(
    ("scope", "right"),
    [
        ("opentelemetry.instrumentation.bedrock", TokenCounts(6000, 3000, 500, 142, 0)),
        ("opentelemetry.instrumentation.anthropic", TokenCounts(2500, 3000, 500, 142, 0)),
    ],
)
def test_the_same_numbers_mean_what_their_emitter_means(scope: str, right: TokenCounts, read: Read) -> None:
    cache = {spellings.CACHE_READ[0]: 3000, spellings.CACHE_WRITE[0]: 500}
    assert tokens(read, cache, scope) == right


@pytest.mark.parametrize(
    ("name", "attribute", "value", "part"),
    [
        ("tokens", "gen_ai.token.type", "input", Part.INPUT),
        ("tokens", "gen_ai.token.type", "output", Part.OUTPUT),
        ("input_tokens_by_cache", "gen_ai.token.cache", "read", Part.READ_OF_INPUT),
        ("input_tokens_by_cache", "gen_ai.token.cache", "write", Part.WRITTEN_OF_INPUT),
        ("output_tokens_by_phase", "gen_ai.token.phase", "reasoning", Part.REASONING_OF_OUTPUT),
        ("usage.detailed.cache_read.input_tokens", "gen_ai.token.modality", "text", Part.READ_BY_NUMBERS),
    ],
)
def test_counters_of_earlier_conventions_count_the_same_parts(
    name: str, attribute: str, value: str, part: Part, read: Read
) -> None:
    (reading,) = read(metrics(counter(CLIENT + name, number_point(7, {attribute: value})))).points
    assert (reading.part, reading.signal, reading.value) == (part, TokenSignal.COUNTERS, 7)


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [
        ("input_tokens_by_cache", "gen_ai.token.cache", "uncached"),
        ("output_tokens_by_phase", "gen_ai.token.phase", "response"),
    ],
)
def test_uncached_input_and_visible_output_follow_from_the_totals(
    name: str, attribute: str, value: str, read: Read
) -> None:
    assert read(metrics(counter(CLIENT + name, number_point(7, {attribute: value})))) == Readings()


def test_series_of_one_type_that_are_divided_by_cache_stand_beside_each_other(read: Read) -> None:
    points = [
        number_point(count, {"gen_ai.token.type": kind, "gen_ai.token.cache": cache})
        for count, kind, cache in ((50, "input", "uncached"), (30, "input", "read"), (20, "input", "creation"))
    ]
    readings = read(metrics(counter("gen_ai.client.token.usage", *points))).points
    assert [reading.part for reading in readings] == [Part.INPUT, Part.CACHE_READ, Part.CACHE_WRITE]
    assert len({reading.group for reading in readings}) == 1


def test_a_histogram_of_any_name_is_one_signal(read: Read) -> None:
    point = histogram_point(7, {})
    (reading,) = read(metrics(histogram(CLIENT + "usage.input_tokens", point))).points
    assert reading.signal is TokenSignal.HISTOGRAM


@pytest.mark.parametrize(
    ("scope", "provider", "parts"),
    [
        ("", "openai", (Part.READ_BY_NUMBERS, Part.REASONING_BY_NUMBERS)),
        ("opentelemetry.instrumentation.bedrock", "aws.bedrock", (Part.CACHE_READ, Part.REASONING_BY_NUMBERS)),
        ("opentelemetry.instrumentation.langchain", "openai", (Part.READ_OF_INPUT, Part.REASONING_BY_NUMBERS)),
        ("pydantic-ai", "google", (Part.READ_OF_INPUT, Part.REASONING)),
    ],
)
def test_who_emits_a_counter_decides_where_its_parts_stand(
    scope: str, provider: str, parts: tuple[Part, ...], read: Read
) -> None:
    values = {"gen_ai.provider.name": provider}
    points = [histogram_point(7.0, {**values, "gen_ai.token.type": name}) for name in ("cached", "reasoning")]
    body = metrics(histogram("gen_ai.client.token.usage", *points), scope=scope)
    body["resourceMetrics"][0]["scopeMetrics"][0].setdefault("scope", {})["version"] = "0.8.1"
    assert tuple(reading.part for reading in read(body).points) == parts
