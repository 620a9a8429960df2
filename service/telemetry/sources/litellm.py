"""LiteLLM. Canonical: span `litellm_request`, one a model request.

Observed (1.106.2):
- A proxy may set the same attributes on its own request span instead, or as well; `litellm.call_id` makes them one.
- `gen_ai.usage.input_tokens` includes the cache, Claude's too. The split is only in `metadata.usage_object`, Python's
  text of a dictionary: `prompt_tokens_details.cached_tokens`, and for Claude `cache_read_input_tokens` and
  `cache_creation_input_tokens`. Nothing but these numbers is read of it.
- The team is that of the virtual key (`metadata.user_api_key_team_id`, empty without a proxy), else the resource's.
- Its cumulative histogram `gen_ai.client.token.usage` tells the same tokens and is exported over and over; log events
  `gen_ai.content.*` carry content. All of them are dropped, and so is the child span `raw_gen_ai_request`.
- A request that failed ends with an error and tells no usage; of its attempts and spans one counts.
- There is no session; `llm.user` is a person.
"""

import re

from schema.tokens import TokenCounts
from service.telemetry.otlp.records import Span, TelemetryRecord
from service.telemetry.reading.normalised import TokenEvent
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_TOKENS, span_event, span_outcome
from service.telemetry.reading.usage import within
from service.telemetry.reading.values import own, text_of, whole_number
from service.telemetry.sources import conventions

NAME = "litellm"

CALL = "litellm.call_id"
TEAMS = ("metadata.user_api_key_team_id", "metadata.team_id")
USAGE = "metadata.usage_object"
FRAMEWORK = "gen_ai.framework"

ATTRIBUTES = frozenset({"service.name", CALL, *TEAMS, USAGE, FRAMEWORK, *conventions.ATTRIBUTES})

RAW_REQUEST = "raw_gen_ai_request"
# Long enough for any usage, and too short to keep anyone waiting.
MAXIMUM_USAGE = 20_000
CACHE_READ = re.compile(r"""['"](?:cache_read_input_tokens|cached_tokens)['"]: ?(\d{1,13})\b""")
CACHE_WRITE = re.compile(r"""['"](?:cache_creation_input_tokens|cache_creation_tokens)['"]: ?(\d{1,13})\b""")
REASONING = re.compile(r"""['"]reasoning_tokens['"]: ?(\d{1,13})\b""")


def sent(record: TelemetryRecord) -> bool:
    """Whether LiteLLM sent it, whatever it is: by scope, service or its own attributes."""
    return (
        record.scope.partition(".")[0] == NAME
        or text_of(record, "service.name") == NAME
        or own(record, FRAMEWORK) == NAME
        or own(record, CALL) is not None
    )


def read(span: Span, receipt: Receipt) -> TokenEvent | None:
    """A token event, or nothing of interest. Raises UnusableRecordError."""
    call, has_usage, failed = own(span, CALL), conventions.has_usage(span), conventions.has_failed(span)
    if span.name == RAW_REQUEST or not (has_usage or (failed and call)):
        return None
    return span_event(
        span,
        receipt,
        source=NAME,
        session=None,
        model=conventions.model(span),
        tokens=_tokens(span) if has_usage else NO_TOKENS,
        call=call,
        team=conventions.first(span, TEAMS),
        outcome=span_outcome(span, own(span, conventions.RESPONSE) or call, failed=failed),
    )


def _tokens(span: Span) -> TokenCounts:
    counts = conventions.tokens(span)
    usage = (own(span, USAGE) or "")[:MAXIMUM_USAGE]
    return within(
        counts.input_uncached + counts.cache_read + counts.cache_write,
        counts.cache_read or _largest(CACHE_READ, usage),
        counts.cache_write or _largest(CACHE_WRITE, usage),
        counts.output_visible + counts.output_reasoning,
        counts.output_reasoning or _largest(REASONING, usage),
    )


def _largest(name: re.Pattern[str], usage: str) -> int:
    """A number that may be told under several names, or as 0 under one of them."""
    return max((whole_number(int(digits)) for digits in name.findall(usage)), default=0)
