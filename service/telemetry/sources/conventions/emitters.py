"""What an emitter means by input and output: the one place that knows, by scope, version and provider.

The conventions demand since 2026 that input includes the cache and output includes reasoning. Providers differ, and so
do instrumentations that pass on what a provider says: Anthropic and Bedrock leave the cache out of the input; Gemini
and xAI leave reasoning out of the output. What is known about an emitter decides; without that, the numbers do.
"""

from functools import lru_cache
from typing import NamedTuple

from service.telemetry.reading.usage import Nesting
from vocabulary.model_names import model_name

KNOWN_EMITTERS = 1024

BY_NUMBERS, WITHIN, BESIDE = Nesting.BY_NUMBERS, Nesting.WITHIN, Nesting.BESIDE


class Emitter(NamedTuple):
    """Where an instrumentation counts the cache and reasoning.

    Holds for scopes that begin with `scope`, for these providers (empty: all), and for versions before `until` (empty:
    all).
    """

    scope: str
    cache: Nesting = BY_NUMBERS
    reasoning: Nesting = BY_NUMBERS
    providers: frozenset[str] = frozenset()
    until: tuple[int, ...] = ()


GOOGLE = frozenset({"google"})
# The first that holds decides.
EMITTERS = (
    # OpenLLMetry passes on the numbers of Bedrock, but adds the cache to those of Anthropic.
    Emitter("opentelemetry.instrumentation.bedrock", BESIDE),
    Emitter("opentelemetry.instrumentation.anthropic", WITHIN),
    # LangChain's usage includes the cache, whatever the provider.
    Emitter("opentelemetry.instrumentation.langchain", WITHIN),
    # The SDKs of Anthropic follow the conventions.
    Emitter("com.anthropic.sdk", WITHIN, WITHIN),
    # Before 1.0, pydantic-ai took Gemini's visible output for the whole.
    Emitter("pydantic-ai", WITHIN, BESIDE, GOOGLE, (1, 0)),
    Emitter("pydantic-ai", WITHIN),
    # Google ADK sends Gemini's counts: prompts include the cache, candidates do not include thoughts. From 2.3 on it
    # follows the conventions.
    Emitter("gcp.vertex.agent", WITHIN, BESIDE, GOOGLE, (2, 3)),
    Emitter("gcp.vertex.agent", WITHIN),
    Emitter("github.copilot", WITHIN, WITHIN),
    Emitter("copilot-chat", WITHIN, WITHIN),
    Emitter("qwen-code", WITHIN),
    # Passes on what the gem counts: input without cache reads and writes, for OpenAI too.
    Emitter("OpenTelemetry::Instrumentation::RubyLLM", BESIDE),
    # OpenInference demands that prompts include the cache and completions reasoning; some of its instrumentations
    # passed on the numbers of Anthropic and Bedrock.
    Emitter("openinference.instrumentation.bedrock"),
    Emitter("openinference.instrumentation.claude_agent_sdk"),
    Emitter("openinference.instrumentation.strands_agents"),
    Emitter("openinference.instrumentation.", WITHIN, WITHIN),
    Emitter("@arizeai/openinference-instrumentation-", WITHIN, WITHIN),
)
UNKNOWN = Emitter("")


@lru_cache(KNOWN_EMITTERS)
def find_emitter(scope: str, version: str, provider: str) -> Emitter:
    """Return what is known about the emitter of a record, or UNKNOWN. Any spelling of the provider will do."""
    return next((each for each in EMITTERS if _holds(each, scope, version, provider)), UNKNOWN)


def _holds(emitter: Emitter, scope: str, version: str, provider: str) -> bool:
    return (
        scope.startswith(emitter.scope)
        and (not emitter.providers or model_name("", provider).provider in emitter.providers)
        and (not emitter.until or () < _numbers(version) < emitter.until)
    )


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, such as (1, 26, 0); empty if there is none."""
    numbers = []
    for part in version.removeprefix("v").split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits or len(digits) > len("2026"):
            break
        numbers.append(int(digits))
    return tuple(numbers)
