"""Attributes and instruments of the GenAI semantic conventions, in every spelling that emitters use.

The first spelling of a total that a record has counts. Of several spellings of a part, the largest counts: some
emitters write 0 under one of them.
"""

from service.telemetry.reading.normalised import Part

INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens")
TOTAL = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens")
# pydantic-ai writes what a provider reports below `details`; others write the provider's own nesting with dots.
CACHE_READ = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cache_read_tokens",
    "gen_ai.usage.cached_tokens",
    "gen_ai.usage.cached_input_tokens",
    "gen_ai.usage.cached_content_token_count",
    "gen_ai.usage.input_cache_read_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.input_tokens_details.cached_tokens",
    "gen_ai.usage.prompt_tokens_details.cached_tokens",
    "gen_ai.usage.details.cache_read_tokens",
    "gen_ai.usage.details.cache_read_input_tokens",
    "gen_ai.usage.details.cached_tokens",
    "gen_ai.usage.details.cached_content_tokens",
    "gen_ai.usage.experimental.cached_tokens",
    "gen_ai.usage.input_token_details.cache_read",
    "cached_content_token_count",  # Qwen Code
    "llm.usage.cache_read_input_tokens",
)
CACHE_WRITE = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_creation_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.cache_write_tokens",
    "gen_ai.usage.input_cache_write_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "gen_ai.usage.input_tokens_details.cache_write_tokens",
    "gen_ai.usage.prompt_tokens_details.cache_write_tokens",
    "gen_ai.usage.prompt_tokens_details.cache_creation_tokens",
    "gen_ai.usage.details.cache_write_tokens",
    "gen_ai.usage.details.cache_creation_tokens",
    "gen_ai.usage.details.cache_creation_input_tokens",
    "gen_ai.usage.input_token_details.cache_creation",
    "llm.usage.cache_creation_input_tokens",
)
REASONING = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_output_tokens",
    "gen_ai.usage.output_reasoning_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.thinking_tokens",
    "gen_ai.usage.thoughts_token_count",
    "gen_ai.usage.output_tokens.reasoning",
    "gen_ai.usage.output_tokens_details.reasoning_tokens",
    "gen_ai.usage.completion_tokens_details.reasoning_tokens",
    "gen_ai.usage.details.reasoning_tokens",
    "gen_ai.usage.details.thinking_tokens",
    "gen_ai.usage.details.thoughts_tokens",
    "gen_ai.usage.details.thoughts_token_count",
    "gen_ai.usage.experimental.reasoning_tokens",
    "gen_ai.usage.output_token_details.reasoning",
    "gcp.gen_ai.usage.thoughts_token_count",
    "llm.usage.reasoning_tokens",
    "thoughts_token_count",  # Qwen Code
)
# Writes by lifetime, for emitters that leave out their sum. LiteLLM may write them under two of these names.
LIFETIMES = (
    "anthropic.usage.cache_creation",
    "gen_ai.usage.cache_creation",
    "gen_ai.usage.details.cache_creation",
    "gen_ai.usage.prompt_tokens_details.cache_creation_token_details",
)
WRITTEN_5M = tuple(f"{name}.ephemeral_5m_input_tokens" for name in LIFETIMES)
WRITTEN_1H = tuple(f"{name}.ephemeral_1h_input_tokens" for name in LIFETIMES)
# Version 0.1.0 of the conventions may tell usage by modality alone; audio and images are tokens like others.
MODALITIES = ("text", "image", "audio", "video", "document")
INPUT_BY_MODALITY = tuple(f"gen_ai.usage.{name}.input_tokens" for name in MODALITIES)
OUTPUT_BY_MODALITY = tuple(f"gen_ai.usage.{name}.output_tokens" for name in MODALITIES)
CACHE_READ_BY_MODALITY = tuple(f"gen_ai.usage.{name}.cache_read.input_tokens" for name in MODALITIES)

SERVICE_TIER = (
    "openai.response.service_tier",
    "gen_ai.openai.response.service_tier",
    "gen_ai.response.service_tier",
    "gen_ai.usage.service_tier",
    "gen_ai.service_tier",
    "anthropic.response.service_tier",
    "gen_ai.anthropic.service_tier",
)
REGION = ("anthropic.response.inference_geo", "anthropic.usage.inference_geo", "gen_ai.usage.inference_geo")
WEB_SEARCHES = (
    "gen_ai.usage.web_search_requests",
    "gen_ai.usage.server_tool_use.web_search_requests",
    "gen_ai.usage.details.web_search_requests",
    "anthropic.usage.server_tool_use.web_search_requests",
)

PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
MODEL = ("gen_ai.response.model", "gen_ai.request.model")
SESSION = ("gen_ai.conversation.id", "session.id")
OPERATION = "gen_ai.operation.name"
# OpenLLMetry's earlier attribute for the operation.
REQUEST_TYPE = "llm.request.type"
RESPONSE = "gen_ai.response.id"
ERROR = "error.type"
# Operations that certainly are requests to a model.
MODEL_REQUESTS = frozenset({"chat", "completion", "text_completion", "generate_content", "embeddings", "embedding"})

SERVICE = ("service.namespace", "service.name")

USAGE = (
    *(*INPUT, *OUTPUT, *TOTAL, *CACHE_READ, *CACHE_WRITE, *REASONING, *WRITTEN_5M, *WRITTEN_1H),
    *(*INPUT_BY_MODALITY, *OUTPUT_BY_MODALITY, *CACHE_READ_BY_MODALITY),
)
SPAN_ATTRIBUTES = frozenset(
    {
        *(*USAGE, *SERVICE_TIER, *REGION, *WEB_SEARCHES, *PROVIDER, *MODEL, *SESSION, *SERVICE),
        *(OPERATION, REQUEST_TYPE, RESPONSE, ERROR),
    }
)

TYPE, CACHE, PHASE = "gen_ai.token.type", "gen_ai.token.cache", "gen_ai.token.phase"
HISTOGRAM = "gen_ai.client.token.usage"
_COUNTERS = {
    "input_tokens": Part.INPUT,
    "output_tokens": Part.OUTPUT,
    "cache_read.input_tokens": Part.READ_OF_INPUT,
    "cache_write.input_tokens": Part.WRITTEN_OF_INPUT,
    "cache_creation.input_tokens": Part.WRITTEN_OF_INPUT,
    "reasoning.output_tokens": Part.REASONING_OF_OUTPUT,
}
COUNTERS = {
    f"gen_ai.client.inference.usage.{prefix}{name}": part
    for prefix in ("", "detailed.")
    for name, part in _COUNTERS.items()
}
# Version 0.1.0 counts input and output by type, and both again by cache and by phase. Its totals are those by type.
TOKENS = "gen_ai.client.inference.tokens"
TOKENS_BY_CACHE = "gen_ai.client.inference.input_tokens_by_cache"
TOKENS_BY_PHASE = "gen_ai.client.inference.output_tokens_by_phase"
DIVIDED = frozenset({TOKENS_BY_CACHE, TOKENS_BY_PHASE})
CACHES = {"read": Part.READ_OF_INPUT, "write": Part.WRITTEN_OF_INPUT, "creation": Part.WRITTEN_OF_INPUT}
CACHES_BESIDE = {"read": Part.CACHE_READ, "write": Part.CACHE_WRITE, "creation": Part.CACHE_WRITE}
PHASES = {"reasoning": Part.REASONING_OF_OUTPUT}
# The conventions define input and output; emitters add the other types.
TYPES = {
    "input": Part.INPUT,
    "prompt": Part.INPUT,
    "output": Part.OUTPUT,
    "completion": Part.OUTPUT,
    "cache_read": Part.READ_OF_INPUT,
    "cached": Part.READ_OF_INPUT,
    "cache": Part.READ_OF_INPUT,
    "cached_input": Part.READ_OF_INPUT,
    "cache_read_input": Part.READ_OF_INPUT,
    "cache_read.input": Part.READ_OF_INPUT,
    "cache_write": Part.WRITTEN_OF_INPUT,
    "cache_creation": Part.WRITTEN_OF_INPUT,
    "cache_creation_input": Part.WRITTEN_OF_INPUT,
    "cache_write_input": Part.WRITTEN_OF_INPUT,
    "cache_write.input": Part.WRITTEN_OF_INPUT,
    "reasoning": Part.REASONING_OF_OUTPUT,
    "reasoning.output": Part.REASONING_OF_OUTPUT,
    "thinking": Part.REASONING_OF_OUTPUT,
    "thought": Part.REASONING_OF_OUTPUT,
}
# Qwen Code counts its requests once more under a name of its own.
QWEN_TOKENS, QWEN_TYPE = "qwen-code.token.usage", "type"
INSTRUMENTS = frozenset({HISTOGRAM, *COUNTERS, TOKENS, TOKENS_BY_CACHE, TOKENS_BY_PHASE, QWEN_TOKENS})
POINT_ATTRIBUTES = frozenset({*PROVIDER, *MODEL, *SESSION, *SERVICE, TYPE, CACHE, PHASE, QWEN_TYPE})
