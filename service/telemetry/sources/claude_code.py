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
from datetime import datetime

from schema.model_names import ModelName, model_name
from schema.tokens import TokenCounts
from service.telemetry import links
from service.telemetry.links import BRANCH, SESSION
from service.telemetry.normalised import SessionEvidence, TokenEvent, UnusableRecordError
from service.telemetry.reading import count, milliseconds, occurred_at, own, told
from service.telemetry.records import Record, Told
from service.telemetry.request_events import NO_TOKENS, Outcome, token_event

NAME = "claude-code"

SCOPE_PREFIX = "com.anthropic.claude_code"
EVENT_PREFIX = "claude_code."
REVISION = "vcs.ref.head.revision"
PARAMETERS = "tool_parameters"
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
CACHE_WRITES = ("cache_creation_5m_tokens", "cache_creation_1h_tokens")
REQUEST = "request_id"
IDENTITY = ("event.sequence", REQUEST)
DURATION = "duration_ms"

ATTRIBUTES = frozenset(
    {
        *("service.name", "event.name", SESSION, "model", "anthropic.provider", REVISION, PARAMETERS),
        *(*COUNTS, *CACHE_WRITES, *IDENTITY, DURATION),
    }
)


_COMMIT = re.compile(r'"git_commit_id"\s*:\s*"([0-9a-fA-F]{7,64})"')


def sent(record: Told) -> bool:
    """Whether Claude Code sent it, whatever it is: by scope or service."""
    return record.scope.startswith(SCOPE_PREFIX) or (told(record, "service.name") or "").startswith(NAME)


def recognises(record: Record) -> bool:
    """Whether Claude Code sent it: by scope, service or event name."""
    return sent(record) or (own(record, "event.name") or record.event_name).startswith(EVENT_PREFIX)


def read(record: Record, received_at: datetime) -> TokenEvent | SessionEvidence | None:
    """A token event, evidence of a commit or branch, or nothing of interest. Raises UnusableRecordError."""
    event = (own(record, "event.name") or record.event_name).removeprefix(EVENT_PREFIX)
    if event == "api_request":
        return _request(record, received_at)
    if event == "api_error":
        return _failure(record, received_at)
    commit = links.full_revision(own(record, REVISION)) or _commit_of_a_tool(record)
    return _evidence(record, received_at, commit) if commit or own(record, BRANCH) else None


def _request(record: Record, received_at: datetime) -> TokenEvent:
    if all(record.attributes.get(name) is None for name in COUNTS):
        raise UnusableRecordError
    counts = tuple(count(record, name) for name in COUNTS)
    fresh, output, cache_read, cache_write = counts
    return token_event(
        record,
        received_at,
        source=NAME,
        identity=(*(own(record, name) for name in IDENTITY), *counts),
        session=told(record, SESSION),
        model=_model(record),
        tokens=TokenCounts(
            input_uncached=fresh,
            cache_read=cache_read,
            cache_write=max(cache_write, sum(count(record, name) for name in CACHE_WRITES)),
            output_visible=output,
        ),
        outcome=Outcome(own(record, REQUEST), milliseconds(record, DURATION)),
    )


def _failure(record: Record, received_at: datetime) -> TokenEvent:
    return token_event(
        record,
        received_at,
        source=NAME,
        identity=tuple(own(record, name) for name in IDENTITY),
        session=told(record, SESSION),
        model=_model(record),
        tokens=NO_TOKENS,
        outcome=Outcome(own(record, REQUEST), milliseconds(record, DURATION), failed=True),
    )


def _model(record: Record) -> ModelName:
    return model_name(own(record, "model") or "", own(record, "anthropic.provider") or "")


def _commit_of_a_tool(record: Record) -> str | None:
    found = _COMMIT.search(own(record, PARAMETERS) or "")
    return links.short_revision(found[1]) if found else None


def _evidence(record: Record, received_at: datetime, commit: str | None) -> SessionEvidence | None:
    session = told(record, SESSION)
    found = links.links(record, commit)
    if session is None or (found.commit is None and found.branch is None):
        return None
    return SessionEvidence(source=NAME, session=session, occurred_at=occurred_at(record, received_at), links=found)
