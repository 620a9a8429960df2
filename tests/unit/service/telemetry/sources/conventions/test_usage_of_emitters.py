"""What emitters write in the field, and the kinds computed by hand: fresh, read, written, visible, reasoning."""

from collections.abc import Callable
from typing import Any

import pytest

from service.telemetry.reading.normalised import Readings
from tests.harness.otlp import Body, span, spans

Read = Callable[[Body], Readings]
USED = "gen_ai.usage."
PYDANTIC, QWEN, ADK = "pydantic-ai", "qwen-code", "gcp.vertex.agent"
LIFETIME = "cache_creation.ephemeral_"
BEDROCK = "opentelemetry.instrumentation.bedrock"
DETAILS = {"input_token_details.cache_read": 60, "output_token_details.reasoning": 9}


def usage(given: Any, answered: Any, provider: str = "openai", **parts: Any) -> dict[str, Any]:
    named = {f"{USED}{name.replace('__', '.')}": value for name, value in parts.items()}
    return {"gen_ai.system": provider, f"{USED}input_tokens": given, f"{USED}output_tokens": answered, **named}


@pytest.mark.parametrize(
    ("scope", "version", "values", "right"),
    [
        (
            PYDANTIC,
            "1.26.0",
            usage(
                1000,
                50,
                "anthropic",
                details__cache_read_input_tokens=700,
                details__cache_creation_input_tokens=200,
            ),
            (100, 700, 200, 50, 0),
        ),
        (
            PYDANTIC,
            "1.26.0",
            usage(1000, 50, details__cached_tokens=700, details__reasoning_tokens=20),
            (300, 700, 0, 30, 20),
        ),
        (
            PYDANTIC,
            "0.8.1",
            usage(1000, 50, "google-gla", details__thoughts_tokens=20, details__cached_content_tokens=500),
            (500, 500, 0, 50, 20),
        ),
        (QWEN, "", usage(100, 50, "qwen", thoughts_token_count=20, cached_content_token_count=40), (60, 40, 0, 30, 20)),
        (
            QWEN,
            "",
            {**usage(100, 50, "qwen"), "thoughts_token_count": 20, "cached_content_token_count": 40},
            (60, 40, 0, 30, 20),
        ),
        ("", "", usage(12, 2, "xai", completion_tokens_details__reasoning_tokens=317), (12, 0, 0, 2, 317)),
        ("", "", usage(12, 400, "xai", reasoning_tokens=317, total_tokens=729), (12, 0, 0, 400, 317)),
        ("", "", usage(12, 400, "xai", reasoning_tokens=317, total_tokens=412), (12, 0, 0, 83, 317)),
        (
            ADK,
            "1.9.0",
            usage(239, 190, ADK, experimental__reasoning_tokens=57, cached_content_token_count=100),
            (139, 100, 0, 190, 57),
        ),
        (ADK, "1.9.0", usage(239, 190, ADK, experimental__reasoning_tokens=1057), (239, 0, 0, 190, 1057)),
        (ADK, "2.3.0", usage(239, 190, ADK, reasoning__output_tokens=57), (239, 0, 0, 133, 57)),
        ("", "", usage("1000", "50"), (1000, 0, 0, 50, 0)),
        ("", "", usage("1000.0", 50.0), (1000, 0, 0, 50, 0)),
        ("", "", usage(1000, 50, cache_read_tokens=500, cache_write_tokens=100), (400, 500, 100, 50, 0)),
        (
            "",
            "",
            usage(100, 50, input_token_details__cache_read=60, output_token_details__reasoning=9),
            (40, 60, 0, 41, 9),
        ),
        ("", "", {f"{USED}total_tokens": 1000, "gen_ai.operation.name": "embeddings"}, (1000, 0, 0, 0, 0)),
        ("", "", usage(0, 0, total_tokens=1000), (1000, 0, 0, 0, 0)),
        (
            "",
            "",
            usage(10, 5, "anthropic", **{f"{LIFETIME}5m_input_tokens": 700, f"{LIFETIME}1h_input_tokens": 300}),
            (10, 0, 1000, 5, 0),
        ),
        (
            "strands.telemetry.tracer",
            "",
            usage(100, 50, cache_read_input_tokens=600, cache_write_input_tokens=0, total_tokens=750),
            (100, 600, 0, 50, 0),
        ),
        (
            "opentelemetry.instrumentation.bedrock",
            "",
            usage(100, 50, "aws", cache_read_input_tokens=60),
            (100, 60, 0, 50, 0),
        ),
        ("", "", usage(100, 50, details__input_tokens=100, details__output_tokens=50), (100, 0, 0, 50, 0)),
    ],
)
def test_every_token_of_an_emitter_is_of_the_right_kind(
    scope: str, version: str, values: dict[str, Any], right: tuple[int, ...], read: Read
) -> None:
    body = spans(span("chat", {"gen_ai.operation.name": "chat", **values}), scope=scope)
    body["resourceSpans"][0]["scopeSpans"][0]["scope"]["version"] = version
    (reading,) = read(body).spans
    assert reading.event.tokens == right


def test_the_provider_that_agents_of_google_name_is_google(read: Read) -> None:
    (reading,) = read(spans(span("call_llm", usage(1, 1, ADK) | {"gen_ai.request.model": "gemini-2.5-pro"}))).spans
    assert reading.event.provider == "google"
