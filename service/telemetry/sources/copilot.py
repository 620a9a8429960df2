"""GitHub Copilot CLI and VS Code chat. Canonical: spans `chat`, else `gen_ai.client.inference.usage.*`.

Documented (https://docs.github.com/en/copilot/reference, "OpenTelemetry monitoring") and reported for CLI 1.0.95:
- Spans form a tree: `invoke_agent` sums up the `chat` spans below it, one for each model request, and counts only where
  none of them comes.
- Input includes the cache, output includes reasoning. Cache writes are `cache_creation` or `cache_write`. Counts of 0
  are left out.
- The counters are cumulative, by model and provider, and report the same tokens; earlier versions send the histogram
  `gen_ai.client.token.usage` instead. A service is counted once: see tallies.
- The session is `gen_ai.conversation.id`. VS Code sends the branch and repository of a session on `invoke_agent`
  (`github.copilot.git.*`). The commit there is where the work began; it is not read.
- With content capture on, attributes hold prompts, answers and system prompts; with it off, they still hold names of
  skills and agents and a pseudonym of the person. None of these is read.
"""

from service.telemetry.otlp.records import Point, Span, TelemetryRecord
from service.telemetry.reading import links
from service.telemetry.reading.normalised import Links, PointReading, SessionEvidence, SpanReading, SummaryReading
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.values import own, text_of
from service.telemetry.sources.conventions import points, requests, spellings

NAME = "copilot"

SERVICES = ("github-copilot", "copilot-chat", "copilot-cli")
BRANCH = "github.copilot.git.branch"
REPOSITORY = "github.copilot.git.repository"

ATTRIBUTES = spellings.SPAN_ATTRIBUTES | {BRANCH, REPOSITORY}
POINT_ATTRIBUTES = spellings.POINT_ATTRIBUTES
INSTRUMENTS = spellings.INSTRUMENTS


def sent(record: TelemetryRecord) -> bool:
    """Return whether Copilot sent a record, by service."""
    return (text_of(record, "service.name") or "").startswith(SERVICES)


def read_span(span: Span, receipt: Receipt) -> SpanReading | SummaryReading | SessionEvidence | None:
    """Return a request, a summary of requests, evidence of a branch, or None. Raises UnusableRecordError."""
    operation = own(span, spellings.OPERATION) or span.name.partition(" ")[0]
    if operation == "chat" and (requests.has_usage(span) or requests.is_failed_request(span)):
        return requests.span_reading(span, receipt, NAME)
    if operation != "invoke_agent":
        return None
    evidence = _evidence(span, receipt)
    return (requests.has_usage(span) and requests.summary_reading(span, receipt, NAME, evidence)) or evidence


def read_point(point: Point, receipt: Receipt) -> PointReading | None:
    """Return the reading of a data point, or None. Raises UnusableRecordError."""
    return points.point_reading(point, receipt, NAME)


def _evidence(span: Span, receipt: Receipt) -> SessionEvidence | None:
    session, branch = requests.session(span), own(span, BRANCH)
    if session is None or branch is None or len(branch) > links.MAXIMUM_NAME:
        return None
    repository = links.repository_name(own(span, REPOSITORY), "github.com")
    found = Links(branch=branch, repository=repository)
    return SessionEvidence(agents=(NAME,), session=session, occurred_at=receipt.occurred_at(span), links=found)
