"""The attributes of the GenAI semantic conventions, in their present and earlier spellings.

https://github.com/open-telemetry/semantic-conventions-genai. Input includes the cache and output includes reasoning,
which the conventions only demand since 2026; some emitters leave the cache out, as Anthropic's API does, and are told
by a cache larger than the input, or a total that holds the cache on top of it.
"""

from schema.model_names import ModelName, model_name
from schema.tokens import TokenCounts
from service.telemetry.normalised import UnusableRecordError
from service.telemetry.reading import count, own
from service.telemetry.records import Told
from service.telemetry.usage import beside, within

INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens")
CACHE_READ = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
    "llm.usage.cache_read_input_tokens",
)
CACHE_WRITE = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "llm.usage.cache_creation_input_tokens",
)
REASONING = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "llm.usage.reasoning_tokens",
)
TOTAL = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens")
PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
MODEL = ("gen_ai.response.model", "gen_ai.request.model")
SESSION = ("gen_ai.conversation.id", "session.id")
OPERATION = "gen_ai.operation.name"

USAGE = (*INPUT, *OUTPUT, *CACHE_READ, *CACHE_WRITE, *REASONING)
ATTRIBUTES = frozenset({*USAGE, *TOTAL, *PROVIDER, *MODEL, *SESSION, OPERATION})


def has_usage(record: Told) -> bool:
    """Whether it tells any tokens."""
    return any(record.attributes.get(name) is not None for name in USAGE)


def tokens(record: Told) -> TokenCounts:
    """The disjoint kinds of its usage. Raises UnusableRecordError."""
    if not has_usage(record):
        raise UnusableRecordError
    total_input, total_output = count(record, *INPUT), count(record, *OUTPUT)
    read, written, reasoning = count(record, *CACHE_READ), count(record, *CACHE_WRITE), count(record, *REASONING)
    total = count(record, *TOTAL)
    cache = read + written
    apart = cache > total_input or (cache > 0 and total == total_input + cache + total_output)
    return (beside if apart else within)(total_input, read, written, total_output, reasoning)


def model(record: Told) -> ModelName:
    """The model that answered, or that was asked, with its provider."""
    return model_name(first(record, MODEL) or "", first(record, PROVIDER) or "")


def session(record: Told) -> str | None:
    """The conversation, or the session."""
    return first(record, SESSION)


def first(record: Told, names: tuple[str, ...]) -> str | None:
    """The first of several attributes that is told."""
    return next((text for name in names if (text := own(record, name))), None)
