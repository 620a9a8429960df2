"""Who emits decides what input and output mean."""

import pytest

from service.telemetry.reading.usage import Nesting
from service.telemetry.sources.conventions.emitters import UNKNOWN, find_emitter

GEMINI = "gcp.gemini"


@pytest.mark.parametrize(
    ("scope", "version", "provider", "cache", "reasoning"),
    [
        ("opentelemetry.instrumentation.bedrock", "", "aws.bedrock", Nesting.BESIDE, Nesting.BY_NUMBERS),
        ("opentelemetry.instrumentation.anthropic", "0.62.4", "anthropic", Nesting.WITHIN, Nesting.BY_NUMBERS),
        ("pydantic-ai", "0.7.2", GEMINI, Nesting.WITHIN, Nesting.BESIDE),
        ("pydantic-ai", "0.7.2", "openai", Nesting.WITHIN, Nesting.BY_NUMBERS),
        ("pydantic-ai", "2.68.0", GEMINI, Nesting.WITHIN, Nesting.BY_NUMBERS),
        ("pydantic-ai", "", GEMINI, Nesting.WITHIN, Nesting.BY_NUMBERS),
        ("gcp.vertex.agent", "v1.26.0", "gcp.vertex_ai", Nesting.WITHIN, Nesting.BESIDE),
        ("gcp.vertex.agent", "2.3", "gcp.vertex_ai", Nesting.WITHIN, Nesting.BY_NUMBERS),
        ("openinference.instrumentation.openai", "0.1.30", "openai", Nesting.WITHIN, Nesting.WITHIN),
        ("openinference.instrumentation.bedrock", "0.1.30", "aws", Nesting.BY_NUMBERS, Nesting.BY_NUMBERS),
    ],
)
def test_an_emitter_is_known_by_scope_version_and_provider(
    scope: str, version: str, provider: str, cache: Nesting, reasoning: Nesting
) -> None:
    emitter = find_emitter(scope, version, provider)
    assert (emitter.cache, emitter.reasoning) == (cache, reasoning)


@pytest.mark.parametrize("version", ["", "latest", "1.x", "9" * 40])
def test_other_emitters_are_unknown(version: str) -> None:
    assert find_emitter("acme.tracing", version, "openai") is UNKNOWN
