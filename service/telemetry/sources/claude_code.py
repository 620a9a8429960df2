"""Claude Code. Canonical: log `api_request`, one for each model request, and `api_error` for a failed request.

Quirks:
- `event.name` is `api_request` or `claude_code.api_request`. The service can be renamed (`OTEL_SERVICE_NAME`), the
  scope cannot.
- `input_tokens` excludes the cache; `cache_creation_5m_tokens` and `…_1h_tokens` are parts of `cache_creation_tokens`.
- `speed` is `fast` in fast mode, which costs more.
- Output is not split: thinking is part of `output_tokens` and counts as visible.
- `request_id` is the provider's and may repeat; `session.id` with `event.sequence` is unique.
- `api_error` is a request that failed after all retries; it has no tokens.
- With `vcs` attributes on, records name the repository. A `tool_result` whose command made a commit also names the
  commit (`vcs.ref.head.revision`) and its branch. Older versions send an abbreviated `git_commit_id` in the JSON text
  `tool_parameters`; nothing else is read from that text, because its other fields are commands and paths.
- In JSON, an int64 may be a number or a string.
- The counter `claude_code.token.usage` repeats the same tokens by session, model and type; it counts as far as it
  reports more than the logs of its session. So do spans `claude_code.llm_request`, which have the same counts.
"""

import re
from collections.abc import Sequence

import msgspec

from service.telemetry.otlp.records import AttributeValue, Point, Record, Span, TelemetryRecord
from service.telemetry.reading import links
from service.telemetry.reading.links import BRANCH, SESSION
from service.telemetry.reading.normalised import (
    Part,
    PointReading,
    SessionEvidence,
    SpanReading,
    TokenEvent,
    TokenSignal,
    UnusableRecordError,
)
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import (
    NO_CHARGES,
    NO_TOKENS,
    Charges,
    Outcome,
    span_event,
    span_outcome,
    token_event,
)
from service.telemetry.reading.values import count, milliseconds, own, text_of, whole_number
from service.telemetry.sources.conventions import points, requests
from vocabulary.model_names import model_name
from vocabulary.service_tiers import service_tier
from vocabulary.tokens import TokenCounts

NAME = "claude-code"

SCOPE_PREFIX = "com.anthropic.claude_code"
EVENT_PREFIX = "claude_code."
REVISION = "vcs.ref.head.revision"
PARAMETERS = "tool_parameters"
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
NO_COUNTS: list[AttributeValue] = [None] * len(COUNTS)
SHORT_CACHE_WRITE, LONG_CACHE_WRITE = "cache_creation_5m_tokens", "cache_creation_1h_tokens"
SEQUENCE = "event.sequence"
REQUEST = "request_id"
DURATION = "duration_ms"
MODEL = "model"
PROVIDER = "anthropic.provider"
SPEED, FAST = "speed", "fast"
SERVICE_TIER = "service_tier"
USUAL_SPEEDS = (None, "normal", "standard")
WEB_SEARCHES = frozenset({"web_search_requests", "server_tool_use.web_search_requests"})

ATTRIBUTES = frozenset(
    {
        *("service.name", "event.name", SESSION, MODEL, PROVIDER, REVISION, PARAMETERS),
        *(*COUNTS, SHORT_CACHE_WRITE, LONG_CACHE_WRITE, SEQUENCE, REQUEST, DURATION, SPEED),
        *(SERVICE_TIER, *WEB_SEARCHES),
    }
)


_COMMIT = re.compile(r'"git_commit_id"\s*:\s*"([0-9a-fA-F]{7,64})"')


TOKENS = "claude_code.token.usage"
TYPE = "type"
PARTS = {
    "input": Part.INPUT,
    "output": Part.OUTPUT,
    "cacheRead": Part.CACHE_READ,
    "cacheCreation": Part.CACHE_WRITE,
}
LLM_REQUEST = "claude_code.llm_request"
SPAN_ATTRIBUTES = frozenset({"service.name", SESSION, MODEL, PROVIDER, REQUEST, *COUNTS})
POINT_ATTRIBUTES = frozenset({"service.name", SESSION, MODEL, PROVIDER, TYPE})
INSTRUMENTS = frozenset({TOKENS})


def sent(record: TelemetryRecord) -> bool:
    """Return whether Claude Code sent a log record, span or data point, by scope or service."""
    return record.scope.startswith(SCOPE_PREFIX) or (text_of(record, "service.name") or "").startswith(NAME)


def recognises(record: Record) -> bool:
    """Return whether Claude Code sent a log record, by scope, service or event name."""
    return sent(record) or (own(record, "event.name") or record.event_name).startswith(EVENT_PREFIX)


def read(record: Record, receipt: Receipt) -> TokenEvent | SessionEvidence | None:
    """Return a token event, evidence of a commit or branch, or None. Raises UnusableRecordError."""
    event = (own(record, "event.name") or record.event_name).removeprefix(EVENT_PREFIX)
    if event == "api_request":
        return _request(record, receipt)
    if event == "api_error":
        return _event(record, receipt, (), NO_TOKENS, failed=True)
    commit = links.full_revision(own(record, REVISION)) or _commit_of_a_tool(record)
    return _evidence(record, receipt, commit) if commit or own(record, BRANCH) else None


def read_span(span: Span, receipt: Receipt) -> SpanReading | None:
    """Return a request of a session, or None. Raises UnusableRecordError."""
    counts = [span.attributes.get(name) for name in COUNTS]
    session = text_of(span, SESSION)
    if span.name != LLM_REQUEST or counts == NO_COUNTS or session is None:
        return None
    fresh, output, cache_read, cache_write = map(whole_number, counts)
    event = span_event(
        span,
        receipt,
        source=NAME,
        session=session,
        model=model_name(own(span, MODEL) or "", own(span, PROVIDER) or ""),
        tokens=TokenCounts(fresh, cache_read, cache_write, output, 0),
        outcome=span_outcome(span, own(span, REQUEST), failed=False),
    )
    return requests.repeating_logs(requests.reading_of(span, event))


def read_point(point: Point, receipt: Receipt) -> PointReading | None:
    """Return the reading of a data point of a session, or None. Raises UnusableRecordError."""
    part, session = PARTS.get(own(point, TYPE) or ""), text_of(point, SESSION)
    if point.name != TOKENS or part is None or session is None:
        return None
    model = model_name(own(point, MODEL) or "", own(point, PROVIDER) or "")
    return points.counted(point, receipt, NAME, TokenSignal.COUNTERS, part, model, session, by_session=True)


def _request(record: Record, receipt: Receipt) -> TokenEvent:
    attributes = record.attributes
    reported_counts = [attributes.get(name) for name in COUNTS]
    if reported_counts == NO_COUNTS:
        raise UnusableRecordError
    fresh, output, cache_read, cache_write = counts = [whole_number(value) for value in reported_counts]
    an_hour = count(record, LONG_CACHE_WRITE)
    tokens = TokenCounts(fresh, cache_read, max(cache_write, count(record, SHORT_CACHE_WRITE) + an_hour), output, 0)
    # Of most records nothing is special, and this runs for every record.
    usual_speed = attributes.get(SPEED) in USUAL_SPEEDS and attributes.get(SERVICE_TIER) is None
    is_usual = usual_speed and not an_hour and WEB_SEARCHES.isdisjoint(attributes)
    charges = NO_CHARGES if is_usual else _charges(record, an_hour)
    return _event(record, receipt, counts, tokens, charges, failed=False)


def _charges(record: Record, an_hour: int) -> Charges:
    fast = FAST if own(record, SPEED) == FAST else ""
    return Charges(an_hour, service_tier(fast, own(record, SERVICE_TIER)), count(record, *WEB_SEARCHES))


def _event(
    record: Record,
    receipt: Receipt,
    counts: Sequence[int],
    tokens: TokenCounts,
    charges: Charges = NO_CHARGES,
    *,
    failed: bool,
) -> TokenEvent:
    request = own(record, REQUEST)
    return token_event(
        record,
        receipt,
        source=NAME,
        identity=(own(record, SEQUENCE), request, *counts),
        session=text_of(record, SESSION),
        model=model_name(own(record, MODEL) or "", own(record, PROVIDER) or ""),
        tokens=tokens,
        outcome=Outcome(request, milliseconds(record, DURATION), failed),
        charges=charges,
    )


def _commit_of_a_tool(record: Record) -> str | None:
    found = _COMMIT.search(own(record, PARAMETERS) or "")
    return links.short_revision(found[1]) if found else None


def _evidence(record: Record, receipt: Receipt, commit: str | None) -> SessionEvidence | None:
    session = text_of(record, SESSION)
    found = msgspec.structs.replace(receipt.work(record).links, commit=commit)
    if session is None or (found.commit is None and found.branch is None):
        return None
    return SessionEvidence(agents=(NAME,), session=session, occurred_at=receipt.occurred_at(record), links=found)
