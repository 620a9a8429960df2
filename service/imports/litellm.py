"""LiteLLM's spend logs: one model request per row of `LiteLLM_SpendLogs`.

Rows are the same in the table and in REST responses (`/spend/logs/v2`, `/spend/logs?summarize=false`). `request_id` is
the provider's id of the answer. `prompt_tokens` includes the cache, for Claude too; the cached part is in `metadata`,
an object or its text: `usage_object`, in older versions `additional_usage_values`. If `cache_hit` is true, the gateway
answered from its own cache and no tokens were used. The team is `team_id`. Keys, users, end users, tags, addresses,
messages and answers are never read.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct, field

from service.contracts.token_event import Count
from service.imports.requests import Request
from service.telemetry.reading.usage import split_inclusive

SOURCE = "litellm"
# The gateway adds this to the id of an answer from its cache.
CACHED = "_cache_hit"


class Skipped(StrEnum):
    """Why a row has no tokens."""

    WITHOUT_TOKENS = "without_tokens"
    FROM_CACHE = "from_cache"


class UnusableRowError(ValueError):
    """A row has an invalid count, time or id. The text names the column and never its value."""


class _InputDetails(Struct):
    cached_tokens: Count | None = None
    cache_creation_tokens: Count | None = None


class _OutputDetails(Struct):
    reasoning_tokens: Count | None = None


class _Usage(Struct):
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    prompt_tokens_details: _InputDetails | None = None
    completion_tokens_details: _OutputDetails | None = None


class _Metadata(Struct):
    usage_object: _Usage | None = None
    additional_usage_values: _Usage | None = None


class SpendLog(Struct, rename={"start_time": "startTime", "end_time": "endTime"}):
    """The columns that are read."""

    request_id: Annotated[str, Meta(min_length=1, max_length=1_000)]
    start_time: datetime
    end_time: datetime
    prompt_tokens: Count | None = 0
    completion_tokens: Count | None = 0
    model: Annotated[str, Meta(max_length=1_000)] | None = ""
    custom_llm_provider: Annotated[str, Meta(max_length=200)] | None = ""
    team_id: Annotated[str, Meta(max_length=200)] | None = None
    cache_hit: str | bool | None = None
    metadata: Raw = field(default_factory=Raw)


class SpendLogsPage(Struct):
    """A page of `/spend/logs/v2`."""

    data: list[SpendLog]
    total_pages: int = 1
    total_is_capped: bool | None = None


def read_row(row: Mapping[str, Any]) -> SpendLog:
    """Convert a row of the table, in which `usage` is the text of its metadata; raises UnusableRowError."""
    try:
        log = msgspec.convert({name: value for name, value in row.items() if name != "usage"}, SpendLog)
        return msgspec.structs.replace(log, metadata=Raw((row["usage"] or "").encode()))
    except msgspec.ValidationError as error:
        raise UnusableRowError(column_of(error)) from None


def column_of(error: msgspec.ValidationError) -> str:
    """Return the invalid column: the end of a text like `Expected … - at `$.data[...].prompt_tokens``."""
    return str(error).rpartition("$")[2].rpartition(".")[2].rstrip("`") or "row"


def request_of(log: SpendLog) -> Request | Skipped:
    """Return the request of a row, or why it has none."""
    if str(log.cache_hit).lower() == "true" or CACHED in log.request_id:
        return Skipped.FROM_CACHE
    read, written, reasoning = _parts(log.metadata)
    tokens = split_inclusive(log.prompt_tokens or 0, read, written, log.completion_tokens or 0, reasoning)
    if not tokens.total:
        return Skipped.WITHOUT_TOKENS
    return Request(
        log.request_id,
        in_utc(log.end_time),
        log.model or "",
        log.custom_llm_provider or "",
        tokens,
        log.team_id or None,
    )


def in_utc(instant: datetime) -> datetime:
    """Convert an instant of a row to UTC; without an offset it is UTC already."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _parts(raw: Raw) -> tuple[int, int, int]:
    """Return cache reads, cache writes and reasoning tokens from the metadata; 0 if missing."""
    try:
        encoded = bytes(raw)
        text = msgspec.json.decode(encoded, type=str) if encoded.startswith(b'"') else encoded
        metadata = msgspec.json.decode(text, type=_Metadata)
    except (msgspec.MsgspecError, UnicodeError):
        return 0, 0, 0
    usages = [usage for usage in (metadata.usage_object, metadata.additional_usage_values) if usage]
    inputs = [usage.prompt_tokens_details or _InputDetails() for usage in usages]
    outputs = [usage.completion_tokens_details or _OutputDetails() for usage in usages]
    return (
        _largest(*(usage.cache_read_input_tokens for usage in usages), *(each.cached_tokens for each in inputs)),
        _largest(
            *(usage.cache_creation_input_tokens for usage in usages), *(each.cache_creation_tokens for each in inputs)
        ),
        _largest(*(each.reasoning_tokens for each in outputs)),
    )


def _largest(*counts: int | None) -> int:
    """Return the largest: a count may appear under several names, and be 0 under one of them."""
    return max((count or 0 for count in counts), default=0)
