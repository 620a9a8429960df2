"""OpenCode and other applications on the Vercel AI SDK. Canonical: spans `ai.*.doStream` and `ai.*.doGenerate`.

Documented (https://ai-sdk.dev/docs/ai-sdk-core/telemetry) and seen in issues of the SDK:
- Each call of `generateText` or `streamText` is a span `ai.streamText` with a child `ai.streamText.doStream` for each
  model request. Parents sum up their children, and count only where none of these arrives: see
  measured.summaries. Embeddings (`ai.embed.doEmbed`) have `ai.usage.tokens`.
- Usage is `ai.usage.inputTokens` and `outputTokens` (before version 5 `promptTokens` and `completionTokens`), repeated
  as `gen_ai.usage.*`.
- Up to version 5, input of Anthropic and Bedrock excludes the cache, and only `ai.response.providerMetadata` has the
  cache writes; nothing but that number is read from it. OpenAI's input includes cache reads. From version 6 on, input
  includes the cache for every provider, and `ai.usage.inputTokenDetails.*` has the split.
- A failed request ends with an error and has no usage.
- Up to version 5, output of xAI and Google excludes reasoning; `ai.usage.totalTokens` tells. Otherwise it includes it.
- From version 7 on, spans follow only the GenAI conventions: see sources.genai.
- Attributes with prompts, answers and tool arguments are never read. The application sets `ai.telemetry.metadata.*`.
"""

import re

from service.telemetry.otlp.records import Span, TelemetryRecord
from service.telemetry.reading.normalised import SummaryReading, TokenEvent
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_CHARGES, NO_TOKENS, Charges, span_event, span_outcome
from service.telemetry.reading.usage import Nesting, Usage, split
from service.telemetry.reading.values import count, own, text_of, whole_number
from service.telemetry.sources.conventions import requests
from service.telemetry.sources.conventions.requests import first, has_failed
from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts

NAME = "vercel-ai"
OPENCODE = "opencode"

OPERATION = "ai.operationId"
INPUT = ("ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens", "gen_ai.usage.input_tokens")
OUTPUT = ("ai.usage.outputTokens", "ai.usage.completionTokens", "gen_ai.usage.output_tokens")
FRESH = "ai.usage.inputTokenDetails.noCacheTokens"
READ = ("ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens")
WRITTEN = "ai.usage.inputTokenDetails.cacheWriteTokens"
REASONING = ("ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens")
VISIBLE = "ai.usage.outputTokenDetails.textTokens"
TOTAL = "ai.usage.totalTokens"
METADATA = "ai.response.providerMetadata"
PROVIDER = ("gen_ai.system", "ai.model.provider")
MODEL = ("gen_ai.response.model", "ai.response.model", "ai.model.id", "gen_ai.request.model")
SESSION = ("ai.telemetry.metadata.sessionId", "session.id")
RESPONSE = ("ai.response.id", "gen_ai.response.id")

ATTRIBUTES = frozenset(
    {
        *("service.name", OPERATION, *INPUT, *OUTPUT, FRESH, *READ, WRITTEN, *REASONING, VISIBLE, TOTAL, METADATA),
        *(*PROVIDER, *MODEL, *SESSION, *RESPONSE),
    }
)

REQUESTS = (".doStream", ".doGenerate", ".doEmbed")
# Up to version 5: providers that leave the cache out of the input, and those that leave reasoning out of the output.
CACHE_BESIDE = ("anthropic", "amazon-bedrock", "bedrock")
REASONING_BESIDE = ("xai", "google")
MAXIMUM_METADATA = 100_000
_WRITTEN_1H = re.compile(r'"ephemeral_1h_input_tokens"\s*:\s*(\d{1,13})\b')
_WRITTEN = re.compile(
    r'"(?:cache_creation_input_tokens|cacheCreationInputTokens|cacheWriteInputTokens)"\s*:\s*(\d{1,13})\b'
)


def sent(record: TelemetryRecord) -> bool:
    """Return whether the SDK created a span, by its operation id."""
    return (own(record, OPERATION) or "").startswith("ai.")


def read(span: Span, receipt: Receipt) -> TokenEvent | SummaryReading | None:
    """Return a token event, a summary of requests, or None. Raises UnusableRecordError."""
    operation = (own(span, OPERATION) or "").partition(" ")[0]
    has_usage, failed = first(span, (*INPUT, *OUTPUT)) is not None, has_failed(span)
    if operation.endswith(REQUESTS):
        return _event(span, receipt, has_usage=has_usage, failed=failed) if has_usage or failed else None
    return requests.summary_of(span, _event(span, receipt, has_usage=True, failed=False)) if has_usage else None


def _event(span: Span, receipt: Receipt, *, has_usage: bool, failed: bool) -> TokenEvent:
    service = text_of(span, "service.name") or ""
    tokens = _tokens(span) if has_usage else NO_TOKENS
    return span_event(
        span,
        receipt,
        source=OPENCODE if service.startswith(OPENCODE) else NAME,
        session=first(span, SESSION),
        model=model_name(first(span, MODEL) or "", first(span, PROVIDER) or ""),
        tokens=tokens,
        charges=_charges(span, tokens),
        outcome=span_outcome(span, first(span, RESPONSE), failed=failed),
    )


def _tokens(span: Span) -> TokenCounts:
    usage = Usage(
        count(span, *INPUT),
        count(span, *READ),
        count(span, WRITTEN) or _written(own(span, METADATA) or ""),
        count(span, *OUTPUT),
        count(span, *REASONING),
        count(span, TOTAL),
    )
    if any(span.attributes.get(name) is not None for name in (FRESH, READ[0], WRITTEN, VISIBLE, REASONING[0])):
        return split(usage, Nesting.WITHIN, Nesting.WITHIN)
    provider = first(span, PROVIDER[::-1]) or ""
    cache = Nesting.BESIDE if provider.startswith(CACHE_BESIDE) else Nesting.BY_NUMBERS
    reasoning_beside = provider.startswith(REASONING_BESIDE) and not usage.total
    return split(usage, cache, Nesting.BESIDE if reasoning_beside else Nesting.BY_NUMBERS)


def _charges(span: Span, tokens: TokenCounts) -> Charges:
    an_hour = _largest(_WRITTEN_1H, own(span, METADATA) or "") if tokens.cache_write else 0
    return Charges(min(an_hour, tokens.cache_write)) if an_hour else NO_CHARGES


def _written(metadata: str) -> int:
    return _largest(_WRITTEN, metadata)


def _largest(name: re.Pattern[str], metadata: str) -> int:
    return max((whole_number(int(digits)) for digits in name.findall(metadata[:MAXIMUM_METADATA])), default=0)
