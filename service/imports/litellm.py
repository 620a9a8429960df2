"""LiteLLM's spend logs: one model request, read from one row of `LiteLLM_SpendLogs`, and nothing else of it.

The row is the same in the table and in the REST answers (`/spend/logs/v2`, `/spend/logs?summarize=false`). `request_id`
is the provider's id of the answer. `prompt_tokens` includes the cache, Claude's too; what was cached is told in
`metadata`, an object or its text: `usage_object`, in older versions `additional_usage_values`. A row whose `cache_hit`
is true was answered from the gateway's own cache and cost no tokens. Keys, users, end users, tags, addresses, messages
and answers are never read; the team is `team_id`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct, field

from schema.contracts.token_event import Count
from service.imports.requests import Request
from service.telemetry.reading.usage import within

SOURCE = "litellm"
# What the gateway adds to the id of an answer that it gave again.
CACHED = "_cache_hit"


class Passed(StrEnum):
    """Why a row gave no tokens."""

    WITHOUT_TOKENS = "without_tokens"
    FROM_CACHE = "from_cache"


class UnusableRowError(ValueError):
    """A row whose counts, times or id make no sense; names the column and never its value."""


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
    """A row of the table, with the text of what its metadata says of usage; raises UnusableRowError."""
    try:
        log = msgspec.convert({name: value for name, value in row.items() if name != "usage"}, SpendLog)
        return msgspec.structs.replace(log, metadata=Raw((row["usage"] or "").encode()))
    except msgspec.ValidationError as error:
        raise UnusableRowError(column_of(error)) from None


def column_of(error: msgspec.ValidationError) -> str:
    """The column that a row was refused for: the end of `Expected … - at `$.data[...].prompt_tokens``."""
    return str(error).rpartition("$")[2].rpartition(".")[2].rstrip("`") or "row"


def request_of(log: SpendLog) -> Request | Passed:
    """The request that a row tells of, or why there is none in it."""
    if str(log.cache_hit).lower() == "true" or CACHED in log.request_id:
        return Passed.FROM_CACHE
    read, written, reasoning = _parts(log.metadata)
    tokens = within(log.prompt_tokens or 0, read, written, log.completion_tokens or 0, reasoning)
    if not tokens.total:
        return Passed.WITHOUT_TOKENS
    return Request(
        log.request_id,
        in_utc(log.end_time),
        log.model or "",
        log.custom_llm_provider or "",
        tokens,
        log.team_id or None,
    )


def in_utc(instant: datetime) -> datetime:
    """An instant as a row tells it, which is in UTC where it does not say."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _parts(raw: Raw) -> tuple[int, int, int]:
    """Tokens read from and written to caches, and those of reasoning; 0 where the metadata does not tell."""
    try:
        reported = bytes(raw)
        text = msgspec.json.decode(reported, type=str) if reported.startswith(b'"') else reported
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


def _largest(*reported: int | None) -> int:
    """A number may be told under several names, or as 0 under one of them."""
    return max((each or 0 for each in reported), default=0)
