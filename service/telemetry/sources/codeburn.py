"""CodeBurn's sync: spans of requests that it read from the local sessions of more than forty tools.

From its documentation (docs/sync) and source (src/sync/otlp.ts):
- A request is a span with `ai.provider` (the tool), `ai.model`, `ai.input_tokens` and `ai.output_tokens`. Cache and
  reasoning are not sent, and input excludes the cache, so that its totals are lower than those of the tool itself.
- Spans are sent again with the same ids. All spans of a session share a trace; its id is not sent.
- `codeburn.session.attribution` and `codeburn.commit` name the repository (`git.repo`). Which commit a session made is
  guessed from times, so it is not read: the session links to its repository only.
- `ai.project`, `ai.tools` and the device are not read.
"""

from service.telemetry.otlp.records import Span, TelemetryRecord
from service.telemetry.reading import links
from service.telemetry.reading.normalised import Links, SessionEvidence, TokenEvent
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_CHARGES, Charges, span_event
from service.telemetry.reading.values import count, own
from vocabulary.model_names import model_name
from vocabulary.service_tiers import service_tier
from vocabulary.tokens import TokenCounts

NAME = "codeburn"

TOOL, MODEL, SPEED = "ai.provider", "ai.model", "ai.speed"
INPUT, OUTPUT = "ai.input_tokens", "ai.output_tokens"
REPOSITORY = "git.repo"
ATTRIBUTION = ("codeburn.session.attribution", "codeburn.commit")

ATTRIBUTES = frozenset({TOOL, MODEL, SPEED, INPUT, OUTPUT, REPOSITORY})


def sent(record: TelemetryRecord) -> bool:
    """Return whether CodeBurn sent a span, by its name or its own attributes."""
    has_usage = TOOL in record.attributes and INPUT in record.attributes
    return has_usage or (isinstance(record, Span) and record.name in ATTRIBUTION)


def read(span: Span, receipt: Receipt) -> TokenEvent | SessionEvidence | None:
    """Return a token event, evidence of a repository, or None. Raises UnusableRecordError."""
    if span.name in ATTRIBUTION:
        return _evidence(span, receipt)
    tier = service_tier(own(span, SPEED))
    return span_event(
        span,
        receipt,
        source=NAME,
        session=span.trace_id or None,
        model=model_name(own(span, MODEL) or ""),
        tokens=TokenCounts(input_uncached=count(span, INPUT), output_visible=count(span, OUTPUT)),
        charges=Charges(service_tier=tier) if tier else NO_CHARGES,
    )


def _evidence(span: Span, receipt: Receipt) -> SessionEvidence | None:
    repository = links.repository_name(own(span, REPOSITORY))
    if repository is None or not span.trace_id:
        return None
    found = Links(repository=repository)
    return SessionEvidence(agents=(NAME,), session=span.trace_id, occurred_at=receipt.occurred_at(span), links=found)
