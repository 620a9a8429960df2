"""Claude Code. Canonical: log `api_request`, one a model request, and `api_error` for one that failed.

Quirks:
- `event.name` is `api_request`, or `claude_code.api_request`; the service may be renamed (`OTEL_SERVICE_NAME`), the
  scope is not.
- `input_tokens` excludes the cache; `cache_creation_5m_tokens` and `…_1h_tokens` are parts of `cache_creation_tokens`.
- Output is not split: thinking is part of `output_tokens` and counts as visible.
- `request_id` is the provider's, and may repeat; `session.id` with `event.sequence` does not.
- `api_error` is a request that was given up, after all retries; it tells no tokens.
- With `vcs` attributes on, records name the repository; a `tool_result` whose command made a commit also names it
  (`vcs.ref.head.revision`) and its branch. Versions before that tell an abbreviated `git_commit_id` within the JSON
  text `tool_parameters`, of which nothing else is read: its other fields are commands and paths.
- In JSON, an int64 may be a number or a string.
- Metrics `claude_code.token.usage` and spans tell the same tokens again and are dropped.
"""

import re
from collections.abc import Sequence

import msgspec

from schema.model_names import model_name
from schema.tokens import TokenCounts
from service.telemetry.otlp.records import AttributeValue, Record, TelemetryRecord
from service.telemetry.reading import links
from service.telemetry.reading.links import BRANCH, SESSION
from service.telemetry.reading.normalised import SessionEvidence, TokenEvent, UnusableRecordError
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_TOKENS, Outcome, token_event
from service.telemetry.reading.values import count, milliseconds, own, text_of, whole_number

NAME = "claude-code"

SCOPE_PREFIX = "com.anthropic.claude_code"
EVENT_PREFIX = "claude_code."
REVISION = "vcs.ref.head.revision"
PARAMETERS = "tool_parameters"
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
UNTOLD: list[AttributeValue] = [None] * len(COUNTS)
SHORT_CACHE_WRITE, LONG_CACHE_WRITE = "cache_creation_5m_tokens", "cache_creation_1h_tokens"
SEQUENCE = "event.sequence"
REQUEST = "request_id"
DURATION = "duration_ms"
MODEL = "model"
PROVIDER = "anthropic.provider"

ATTRIBUTES = frozenset(
    {
        *("service.name", "event.name", SESSION, MODEL, PROVIDER, REVISION, PARAMETERS),
        *(*COUNTS, SHORT_CACHE_WRITE, LONG_CACHE_WRITE, SEQUENCE, REQUEST, DURATION),
    }
)


_COMMIT = re.compile(r'"git_commit_id"\s*:\s*"([0-9a-fA-F]{7,64})"')


def sent(record: TelemetryRecord) -> bool:
    """Whether Claude Code sent it, whatever it is: by scope or service."""
    return record.scope.startswith(SCOPE_PREFIX) or (text_of(record, "service.name") or "").startswith(NAME)


def recognises(record: Record) -> bool:
    """Whether Claude Code sent it: by scope, service or event name."""
    return sent(record) or (own(record, "event.name") or record.event_name).startswith(EVENT_PREFIX)


def read(record: Record, receipt: Receipt) -> TokenEvent | SessionEvidence | None:
    """A token event, evidence of a commit or branch, or nothing of interest. Raises UnusableRecordError."""
    event = (own(record, "event.name") or record.event_name).removeprefix(EVENT_PREFIX)
    if event == "api_request":
        return _request(record, receipt)
    if event == "api_error":
        return _event(record, receipt, (), NO_TOKENS, failed=True)
    commit = links.full_revision(own(record, REVISION)) or _commit_of_a_tool(record)
    return _evidence(record, receipt, commit) if commit or own(record, BRANCH) else None


def _request(record: Record, receipt: Receipt) -> TokenEvent:
    attributes = record.attributes
    reported_counts = [attributes.get(name) for name in COUNTS]
    if reported_counts == UNTOLD:
        raise UnusableRecordError
    fresh, output, cache_read, cache_write = counts = [whole_number(value) for value in reported_counts]
    by_lifetime = count(record, SHORT_CACHE_WRITE) + count(record, LONG_CACHE_WRITE)
    tokens = TokenCounts(fresh, cache_read, max(cache_write, by_lifetime), output, 0)
    return _event(record, receipt, counts, tokens, failed=False)


def _event(record: Record, receipt: Receipt, counts: Sequence[int], tokens: TokenCounts, *, failed: bool) -> TokenEvent:
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
    )


def _commit_of_a_tool(record: Record) -> str | None:
    found = _COMMIT.search(own(record, PARAMETERS) or "")
    return links.short_revision(found[1]) if found else None


def _evidence(record: Record, receipt: Receipt, commit: str | None) -> SessionEvidence | None:
    session = text_of(record, SESSION)
    found = msgspec.structs.replace(receipt.work(record).links, commit=commit)
    if session is None or (found.commit is None and found.branch is None):
        return None
    return SessionEvidence(source=NAME, session=session, occurred_at=receipt.occurred_at(record), links=found)
