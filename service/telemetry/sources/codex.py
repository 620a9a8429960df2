"""Codex CLI. Canonical: log `codex.sse_event` of kind `response.completed` that has `input_token_count`.

Quirks:
- Each completion is logged twice; only one of the two carries counts.
- Counts are strings or numbers. Input includes what was read from and written to the cache; output includes reasoning;
  `tool_token_count` is input + output and not read.
- `time_unix_nano` is 0: the observed time counts. The record's event name is a line of Codex's source and means
  nothing: only the attribute `event.name` does.
- The session is `conversation.id`. Nothing tells of repository or branch, unless OTEL_RESOURCE_ATTRIBUTES does.
- Spans carry `gen_ai.usage.*` as well; metrics and spans tell the same tokens again and are dropped.
"""

from datetime import datetime

from schema.model_names import model_name
from service.telemetry.normalised import TokenEvent
from service.telemetry.reading import count, own, told
from service.telemetry.records import Record, Told
from service.telemetry.request_events import token_event
from service.telemetry.usage import within

NAME = "codex"

SESSION = "conversation.id"
INPUT = "input_token_count"
COUNTS = (INPUT, "cached_token_count", "cache_write_token_count", "output_token_count", "reasoning_token_count")

ATTRIBUTES = frozenset({"service.name", "event.name", "event.kind", SESSION, "model", *COUNTS})


def sent(record: Told) -> bool:
    """Whether Codex sent it, whatever it is: by scope or service (`codex_exec`, `codex_cli_rs`, …)."""
    return record.scope.startswith(NAME) or (told(record, "service.name") or "").startswith("codex_")


def recognises(record: Record) -> bool:
    """Whether Codex sent it: by the attribute `event.name`."""
    return (own(record, "event.name") or "").startswith("codex.")


def read(record: Record, received_at: datetime) -> TokenEvent | None:
    """A token event, or nothing of interest. Raises UnusableRecordError."""
    if own(record, "event.name") != "codex.sse_event" or own(record, "event.kind") != "response.completed":
        return None
    if own(record, INPUT) is None:
        return None
    session = own(record, SESSION)
    counts = tuple(count(record, name) for name in COUNTS)
    model = model_name(own(record, "model") or "", "openai")
    return token_event(
        record,
        received_at,
        source=NAME,
        identity=counts,
        session=session,
        model=model,
        tokens=within(*counts),
    )
