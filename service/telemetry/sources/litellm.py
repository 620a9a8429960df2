"""LiteLLM. Canonical: span `litellm_request`, one for each model request.

Observed (1.106.2):
- A proxy may also or instead set the same attributes on its own request span; `litellm.call_id` deduplicates the spans.
- `gen_ai.usage.input_tokens` includes the cache, for Claude too. Output includes reasoning or, as xAI's, does not: the
  total tells. Only `metadata.usage_object`, the Python text of a
  dictionary, has the split: `prompt_tokens_details.cached_tokens`, and for Claude `cache_read_input_tokens` and
  `cache_creation_input_tokens`. Nothing but these numbers is read from it.
- The team is that of the virtual key (`metadata.user_api_key_team_id`, empty without a proxy), else the resource's.
- The cumulative histogram `gen_ai.client.token.usage` repeats the same tokens; log events `gen_ai.content.*` hold
  content. Both are dropped, and so is the child span `raw_gen_ai_request`.
- A failed request ends with an error and has no usage; only one of its attempts and spans counts.
- There is no session. `llm.user` is a person and is not read.
"""

import re

from service.telemetry.otlp.records import Span, TelemetryRecord
from service.telemetry.reading.normalised import TokenEvent
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_TOKENS, Charges, span_event, span_outcome
from service.telemetry.reading.usage import Nesting, split
from service.telemetry.reading.values import own, text_of, whole_number
from service.telemetry.sources.conventions import requests, spellings
from vocabulary.tokens import TokenCounts

NAME = "litellm"

CALL = "litellm.call_id"
TEAMS = ("metadata.user_api_key_team_id", "metadata.team_id")
USAGE = "metadata.usage_object"
FRAMEWORK = "gen_ai.framework"

ATTRIBUTES = frozenset({"service.name", CALL, *TEAMS, USAGE, FRAMEWORK, *spellings.SPAN_ATTRIBUTES})

RAW_REQUEST = "raw_gen_ai_request"
# Long enough for any usage, and short enough to search quickly.
MAXIMUM_USAGE = 20_000
CACHE_READ = re.compile(r"""['"](?:cache_read_input_tokens|cached_tokens)['"]: ?(\d{1,13})\b""")
CACHE_WRITE = re.compile(r"""['"](?:cache_creation_input_tokens|cache_creation_tokens)['"]: ?(\d{1,13})\b""")
REASONING = re.compile(r"""['"]reasoning_tokens['"]: ?(\d{1,13})\b""")
WRITTEN_1H = re.compile(r"""['"]ephemeral_1h_input_tokens['"]: ?(\d{1,13})\b""")
WEB_SEARCHES = re.compile(r"""['"]web_search_requests['"]: ?(\d{1,6})\b""")
SERVICE_TIER = re.compile(r"""['"]service_tier['"]: ?['"]([a-z_]{1,30})['"]""")
TOTAL = re.compile(r"""['"]total_tokens['"]: ?(\d{1,13})\b""")


def sent(record: TelemetryRecord) -> bool:
    """Return whether LiteLLM sent a log record, span or data point, by scope, service or its own attributes."""
    return (
        record.scope.partition(".")[0] == NAME
        or text_of(record, "service.name") == NAME
        or own(record, FRAMEWORK) == NAME
        or own(record, CALL) is not None
    )


def read(span: Span, receipt: Receipt) -> TokenEvent | None:
    """Return a token event, or None. Raises UnusableRecordError."""
    call, has_usage, failed = own(span, CALL), requests.has_usage(span), requests.has_failed(span)
    if span.name == RAW_REQUEST or not (has_usage or (failed and call)):
        return None
    tokens = _tokens(span) if has_usage else NO_TOKENS
    return span_event(
        span,
        receipt,
        source=NAME,
        session=None,
        model=requests.model(span),
        tokens=tokens,
        charges=_charges(span, tokens),
        call=call,
        team=requests.first(span, TEAMS),
        outcome=span_outcome(span, own(span, spellings.RESPONSE) or call, failed=failed),
    )


def _tokens(span: Span) -> TokenCounts:
    usage, details = requests.usage(span), (own(span, USAGE) or "")[:MAXIMUM_USAGE]
    whole = usage._replace(
        cache_read=usage.cache_read or _largest(CACHE_READ, details),
        cache_write=usage.cache_write or _largest(CACHE_WRITE, details),
        reasoning=usage.reasoning or _largest(REASONING, details),
        total=usage.total or _largest(TOTAL, details),
    )
    return split(whole, Nesting.WITHIN)


def _charges(span: Span, tokens: TokenCounts) -> Charges:
    details = (own(span, USAGE) or "")[:MAXIMUM_USAGE]
    tier = SERVICE_TIER.search(details)
    an_hour, searches = _largest(WRITTEN_1H, details), _largest(WEB_SEARCHES, details)
    return requests.charges(span, tokens, an_hour, searches, tier[1] if tier else "")


def _largest(name: re.Pattern[str], usage: str) -> int:
    """Return the largest match: a count may appear under several names, and be 0 under one of them."""
    return max((whole_number(int(digits)) for digits in name.findall(usage)), default=0)
