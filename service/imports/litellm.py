"""LiteLLM's spend logs: one model request per row of `LiteLLM_SpendLogs`.

Rows are the same in the table and in REST responses (`/spend/logs/v2`, `/spend/logs?summarize=false`). `request_id` is
the provider's id of the answer; where a provider sends none it is empty or `None`, and the row counts by its content.
The columns have the totals, `metadata` has their parts, as an object or its text: `usage_object`, in older versions
`additional_usage_values`. Both follow the provider, so they are split as telemetry is. If `cache_hit` is true, the
gateway answered from its own cache and no tokens were used. The team is `team_id`. Keys, users, end users, tags,
addresses, messages and answers are never read.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from service.imports.requests import Extras, Request, is_plausible, plain_text
from service.telemetry.reading.usage import split
from service.telemetry.sources.conventions.requests import reported_usage
from vocabulary.service_tiers import service_tier
from vocabulary.tokens import MAXIMUM_TOKENS

SOURCE = "litellm"
# The gateway adds this to the id of an answer from its cache.
CACHED = "_cache_hit"
# What the gateway writes for an id that the provider left out.
NO_ID = frozenset({"", "none", "null"})
# Usage of a row is nested under these names of its metadata; the first that has a count for something decides.
USAGES = ("usage_object", "additional_usage_values")
PREFIX = "gen_ai.usage."
# What providers say of processing, speed and region.
TIERS = ("service_tier", "speed", "inference_geo")
# Long enough for any usage, and short enough to parse quickly.
MAXIMUM_USAGE = 20_000
DEEPEST = 4
# Of an object that Python printed: `CompletionTokensDetailsWrapper(reasoning_tokens=12, audio_tokens=None)`.
_PRINTED = re.compile(r"(\w+)=(\d{1,13})\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
LONGEST_TEXT = 1_000
# Times are seconds or milliseconds since 1970.
MILLISECONDS = 10**11


class Skipped(StrEnum):
    """Why a row has no tokens."""

    WITHOUT_TOKENS = "without_tokens"
    FROM_CACHE = "from_cache"


class UnusableRowError(ValueError):
    """A row has an invalid count or time. The text names the column and never its value."""


class SpendLog(Struct, rename={"start_time": "startTime", "end_time": "endTime"}):
    """The columns that are read, as they are: each is checked by itself, so that a row counts if its tokens do."""

    request_id: Any = None
    start_time: Any = None
    end_time: Any = None
    prompt_tokens: Any = None
    completion_tokens: Any = None
    total_tokens: Any = None
    model: Any = None
    custom_llm_provider: Any = None
    team_id: Any = None
    cache_hit: Any = None
    call_type: Any = None
    metadata: Raw = field(default_factory=Raw)

    @property
    def started_at(self) -> datetime:
        """When the request began, else when it ended. Raises UnusableRowError."""
        if (instant := _instant(self.start_time) or _instant(self.end_time)) is None:
            raise UnusableRowError("startTime")
        return instant

    @property
    def content(self) -> bytes:
        """What identifies a row that cannot be imported."""
        values = {name: getattr(self, name) for name in self.__struct_fields__ if name != "metadata"}
        return msgspec.json.encode({**values, "metadata": bytes(self.metadata).decode(errors="replace")}, enc_hook=str)


class SpendLogsPage(Struct):
    """A page of `/spend/logs/v2`; its rows are decoded one by one."""

    data: list[Raw]
    total_pages: int = 1
    total_is_capped: bool | None = None


def decode_row(raw: Raw) -> SpendLog:
    """Decode a row of a response. Raises UnusableRowError if it is not an object."""
    try:
        return msgspec.json.decode(raw, type=SpendLog)
    except (msgspec.MsgspecError, UnicodeError):
        raise UnusableRowError("row") from None


def read_row(row: Mapping[str, Any]) -> SpendLog:
    """Convert a row of the table, in which `usage` is the text of its metadata."""
    columns = {name: value for name, value in row.items() if name != "usage"}
    return msgspec.convert({**columns, "metadata": Raw((row["usage"] or "").encode())}, SpendLog)


def request_of(log: SpendLog) -> Request | Skipped:
    """Return the request of a row, or why it has none. Raises UnusableRowError."""
    request_id = _text(log.request_id)
    if str(log.cache_hit).lower() == "true" or CACHED in request_id:
        return Skipped.FROM_CACHE
    counts = {name: _count(log, name) for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
    metadata = _object(bytes(log.metadata).decode(errors="replace"))
    usage = _reported(metadata)
    # The column may just add the two others up; what the provider says settles where reasoning is counted.
    counts["total_tokens"] = max(counts["total_tokens"], usage.get(f"{PREFIX}total_tokens", 0))
    tokens = split(reported_usage({**usage, **_named(counts)}))
    if not tokens.total:
        return Skipped.WITHOUT_TOKENS
    started_at = log.started_at
    ended_at = _instant(log.end_time) or started_at
    known = request_id.lower() not in NO_ID
    content = (started_at.isoformat(), ended_at.isoformat(), _text(log.model), _text(log.team_id), *map(str, tokens))
    return Request(
        request_id if known else "",
        ended_at,
        _text(log.model),
        _text(log.custom_llm_provider)[:200],
        tokens,
        _text(log.team_id)[:200] or None,
        content="" if known else "\0".join(content),
        extras=_extras(log, metadata, usage),
    )


def _extras(log: SpendLog, metadata: Mapping[str, Any], usage: Mapping[str, int]) -> Extras:
    """Return what decides the price beside tokens. The gateway passes it on under the provider's names."""
    objects = [metadata, *(_object(metadata.get(name)) for name in USAGES)]
    tiers = [_text(each.get(name)) for each in objects for name in TIERS]
    batch = "batch" if "batch" in _text(log.call_type).lower() else ""
    return Extras(
        cache_write_1h=_largest(usage, "ephemeral_1h_input_tokens"),
        service_tier=service_tier(*tiers, batch),
        web_searches=_largest(usage, "web_search_requests"),
        code_executions=_largest(usage, "code_execution_requests"),
    )


def _largest(usage: Mapping[str, int], name: str) -> int:
    """Return the largest count of this name, however deep it is nested."""
    return max((count for path, count in usage.items() if path.endswith(f".{name}")), default=0)


def _named(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the totals of the columns by their names in telemetry; 0 says nothing, so usage may know better."""
    names = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens", "total_tokens": "total_tokens"}
    return {f"{PREFIX}{names[name]}": count for name, count in counts.items() if count}


def _count(log: SpendLog, column: str) -> int:
    value = getattr(log, column)
    if (count := _whole(value)) is None and _text(value).lower() not in NO_ID:
        raise UnusableRowError(column)
    return count or 0


def _whole(value: Any) -> int | None:
    """Return a token count from a number or digits; None for anything else."""
    try:
        number = None if isinstance(value, bool) else float(value)
        if number is None or not 0 <= number <= MAXIMUM_TOKENS or number != int(number):
            return None
        return int(number)
    except (TypeError, ValueError, OverflowError):
        return None


def _instant(value: Any) -> datetime | None:
    """Return an instant in UTC from a time, its text, or seconds or milliseconds since 1970, if it is possible."""
    instant = _read_instant(value)
    return instant if instant and is_plausible(instant) else None


def _read_instant(value: Any) -> datetime | None:
    try:
        if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
            value = datetime.fromisoformat(value.strip())
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        if isinstance(value, bool) or value is None:
            return None
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1_000 if seconds > MILLISECONDS else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _text(value: Any) -> str:
    return plain_text(value, LONGEST_TEXT)


def _reported(metadata: Mapping[str, Any]) -> dict[str, int]:
    """Return all counts of the usage in the metadata, by the names that telemetry gives them."""
    found: dict[str, int] = {}
    for name in USAGES:
        for path, count in _counts(_object(metadata.get(name)), PREFIX, DEEPEST):
            found[path] = max(found.get(path, 0), count)
    return found


def _counts(usage: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    for name, value in usage.items():
        if (count := _whole(value)) is not None:
            yield f"{prefix}{name}", count
        elif depth and (isinstance(value, dict) or (isinstance(value, str) and len(value) <= MAXIMUM_USAGE)):
            yield from _counts(_object(value), f"{prefix}{name}.", depth - 1)


def _object(value: Any) -> dict[str, Any]:
    """Return an object, also from its JSON or from what Python prints for it; empty for anything else."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str) or not value.strip():
        return {}
    text = value.strip()
    if text.startswith(('"', "{")):
        for parse in (msgspec.json.decode, ast.literal_eval) if len(text) <= MAXIMUM_USAGE else (msgspec.json.decode,):
            try:
                return _object(parse(text))
            except (msgspec.MsgspecError, ValueError, SyntaxError, RecursionError, MemoryError):
                continue
    return {name: int(digits) for name, digits in _PRINTED.findall(text[:MAXIMUM_USAGE])}
