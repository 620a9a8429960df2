"""OpenInference, the conventions of Arize Phoenix. Canonical: spans with `llm.token_count.*`.

Documented (https://arize-ai.github.io/openinference/spec/attributes/semantic-conventions.html):
- `prompt` includes the cache, and `completion` reasoning. Instrumentations of Bedrock, Strands and the Claude Agent SDK
  passed on what the provider says: see conventions.emitters.
- Spans of agents and chains may sum up the requests below them. Of a span and those below it, the first that arrives
  counts, as everywhere.
- A span may follow the GenAI conventions, too. Then it is read by these: see sources.genai.
- Prompts, answers, documents, metadata and the person are never read.
"""

from service.telemetry.otlp.records import Span
from service.telemetry.reading.normalised import SpanReading
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_TOKENS, span_event, span_outcome
from service.telemetry.reading.usage import Usage, split
from service.telemetry.reading.values import count
from service.telemetry.sources.conventions import requests, spellings
from service.telemetry.sources.conventions.emitters import find_emitter
from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts

NAME = "openinference"

KIND = "openinference.span.kind"
REQUEST_KINDS = frozenset({"LLM", "EMBEDDING"})
INPUT = "llm.token_count.prompt"
OUTPUT = "llm.token_count.completion"
TOTAL = "llm.token_count.total"
CACHE_READ = ("llm.token_count.prompt_details.cache_read", "llm.token_count.prompt_details.cache_input")
CACHE_WRITE = "llm.token_count.prompt_details.cache_write"
REASONING = "llm.token_count.completion_details.reasoning"
PROVIDER = ("llm.provider", "llm.system")
MODEL = ("llm.model_name", "embedding.model_name")
SESSION = ("session.id",)

USAGE = (INPUT, OUTPUT, TOTAL, *CACHE_READ, CACHE_WRITE, REASONING)
ATTRIBUTES = frozenset({KIND, *USAGE, *PROVIDER, *MODEL, *SESSION, spellings.ERROR, *spellings.SERVICE})


def sent(span: Span) -> bool:
    """Return whether a span follows OpenInference and not the GenAI conventions."""
    return (span.attributes.get(KIND) is not None or _has_usage(span)) and not requests.has_usage(span)


def read_span(span: Span, receipt: Receipt) -> SpanReading | None:
    """Return a request, or None. Raises UnusableRecordError."""
    failed, has_usage = requests.has_failed(span), _has_usage(span)
    if not has_usage and not (failed and span.attributes.get(KIND) in REQUEST_KINDS):
        return None
    event = span_event(
        span,
        receipt,
        source=NAME,
        session=requests.first(span, SESSION),
        model=model_name(requests.first(span, MODEL) or "", requests.first(span, PROVIDER) or ""),
        tokens=_tokens(span) if has_usage else NO_TOKENS,
        outcome=span_outcome(span, None, failed=failed),
    )
    return requests.reading_of(span, event)


def _has_usage(span: Span) -> bool:
    return any(span.attributes.get(name) is not None for name in USAGE)


def _tokens(span: Span) -> TokenCounts:
    usage = Usage(
        count(span, INPUT),
        count(span, *CACHE_READ),
        count(span, CACHE_WRITE),
        count(span, OUTPUT),
        count(span, REASONING),
        count(span, TOTAL),
    )
    if usage.input + usage.output == 0:
        # Embeddings and some frameworks report the total alone.
        usage = usage._replace(input=usage.total)
    emitter = find_emitter(span.scope, span.scope_version, requests.first(span, PROVIDER) or "")
    return split(usage, emitter.cache, emitter.reasoning)
