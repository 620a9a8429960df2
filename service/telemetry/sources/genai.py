"""Any service that follows the GenAI semantic conventions: OpenLLMetry, instrumentations of OpenAI and Anthropic, ….

Canonical: spans with `gen_ai.usage.*`, else the counters `gen_ai.client.inference.usage.*`, else the `sum` of the
histogram `gen_ai.client.token.usage`. A service that sends several of them is counted once: see tallies.

Documented (https://github.com/open-telemetry/semantic-conventions-genai, and its predecessor up to 1.36):
- The provider is `gen_ai.provider.name`, formerly `gen_ai.system`. Cache writes are `cache_creation` or `cache_write`.
  Tokens were `prompt_tokens` and `completion_tokens`, and `llm.usage.*` before that (see conventions).
- Spans of agents, workflows and tools may sum up the requests below them (`gen_ai.operation.name`). They count where no
  span of their trace reports a request: see summaries.
- Nested instrumentations (of a framework and a client library) report a request twice, as a span and its parent. Only
  the one that arrives first counts, across levels without tokens too. So do two spans with one response id.
- Cache and reasoning counters count parts of input and output, or tokens beside them: see conventions and
  nested_growth. Each modality is a series. Token totals are exact however an export is split into bodies; token kinds
  are exact only if it arrives in one body, as SDKs send it. Instruments may be stamped one after another.
- Event logs `gen_ai.client.inference.operation.details` repeat this with content and are dropped.
"""

from service.telemetry.otlp.records import Point, Span
from service.telemetry.reading.normalised import PointReading, SpanReading, SummaryReading
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.values import own
from service.telemetry.sources.conventions import points, requests, spellings

NAME = "genai"

ATTRIBUTES = spellings.SPAN_ATTRIBUTES
POINT_ATTRIBUTES = spellings.POINT_ATTRIBUTES
INSTRUMENTS = spellings.INSTRUMENTS

# Operations that send no request to a model themselves.
NO_REQUESTS = frozenset(
    {
        *("create_agent", "invoke_agent", "invoke_workflow", "execute_tool", "plan", "retrieval", "fetch_response"),
        *("create_memory", "create_memory_store", "delete_memory", "delete_memory_store", "search_memory"),
        *("update_memory", "upsert_memory"),
    }
)


def read_span(span: Span, receipt: Receipt) -> SpanReading | SummaryReading | None:
    """Return a request, a summary of requests, or None. Raises UnusableRecordError."""
    if own(span, spellings.OPERATION) in NO_REQUESTS:
        return requests.summary_reading(span, receipt, NAME) if requests.has_usage(span) else None
    if not requests.has_usage(span) and not requests.is_failed_request(span):
        return None
    return requests.span_reading(span, receipt, NAME)


def read_point(point: Point, receipt: Receipt) -> PointReading | None:
    """Return the reading of a data point, or None. Raises UnusableRecordError."""
    return points.point_reading(point, receipt, NAME)
