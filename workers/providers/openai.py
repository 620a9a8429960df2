"""OpenAI's organization API: completions usage, whose input includes cached tokens, and costs by line item.

https://platform.openai.com/docs/api-reference/usage. Only groups by model, tier and line item are requested, so that
answers name no project, user or key.
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from msgspec import Raw, Struct

from vocabulary.charges import BILLED_KINDS, ChargeKind, billed_tokens
from vocabulary.service_tiers import service_tier
from vocabulary.tokens import TokenCounts
from workers.providers.client import MissingError, UnreadableError, decode_rows, read_pages
from workers.providers.reports import (
    Cost,
    CurrencyCode,
    HourTokens,
    Pieces,
    Report,
    ReportRequest,
    Tokens,
    UsageCount,
    check_amount,
    report_model,
    whole_hour,
)

DAYS_A_PAGE = 31
HOURS_A_PAGE = 168
# What decides the price of tokens.
GROUPS = ("model", "service_tier", "batch")


class UsageResult(Struct):
    """Tokens of one model; `input_tokens` includes what the cache held and got, `output_tokens` includes reasoning."""

    input_tokens: Tokens
    output_tokens: Tokens
    input_cached_tokens: Tokens | None = None
    input_cache_write_tokens: Tokens | None = None
    num_model_requests: Tokens | None = None
    model: str | None = None
    batch: bool | None = None
    service_tier: str | None = None


class SearchResult(Struct):
    """Web searches of one model."""

    num_requests: Pieces
    model: str | None = None


class SessionResult(Struct):
    """Sessions of the code interpreter."""

    num_sessions: Pieces = 0


class Amount(Struct):
    """Money as an exact decimal, from a number or a string."""

    value: Decimal
    currency: CurrencyCode

    def __post_init__(self) -> None:
        """Validate the amount."""
        check_amount(self.value)


class CostResult(Struct):
    """A cost item, such as `gpt-4o-2024-08-06, cached input`."""

    amount: Amount
    line_item: str | None = None


class Bucket(Struct):
    """One day or hour."""

    start_time: int
    results: list[Raw]


class Page(Struct):
    """A page of usage or costs."""

    data: list[Bucket]
    has_more: bool
    next_page: str | None = None


AnyShape = TypeVar("AnyShape")
_TIER = re.compile(r"\b(?:batch|flex|priority)\b")
_SEARCH, _INTERPRETER = re.compile(r"web[ _-]?search"), re.compile(r"code[ _-]?interpreter")


async def read_report(request: ReportRequest) -> Report:
    """Read usage and costs of the requested days."""
    begins, ends = _seconds(request.first), _seconds(request.end)
    days = {"start_time": begins, "end_time": ends, "bucket_width": "1d", "limit": DAYS_A_PAGE}
    hours = {**days, "bucket_width": "1h", "limit": HOURS_A_PAGE}
    span = hours if request.hourly else days
    report = Report()
    async for begins_at, result in _read(
        request, report, "usage/completions", {**span, "group_by": GROUPS}, UsageResult
    ):
        report.usage += counted(begins_at.date(), result)
        if request.hourly:
            report.hours.append(hour_tokens(begins_at, result))
    await _read_pieces(request, report, span)
    async for begins_at, cost in _read(request, report, "costs", {**days, "group_by": "line_item"}, CostResult):
        report.costs.append(cost_of(begins_at.date(), cost))
    return report


async def _read(
    request: ReportRequest, report: Report, path: str, query: Mapping[str, Any], shape: type[AnyShape]
) -> AsyncIterator[tuple[datetime, AnyShape]]:
    """Yield the results of a report, each with the time at which its bucket begins. Raises ReportError."""
    url, headers = f"{request.base_url}/v1/organization/{path}", {"Authorization": f"Bearer {request.key}"}
    async for page in read_pages(request.http, url, headers, query, Page):
        for bucket in page.data:
            begins = _instant(bucket.start_time)
            place = f"{path.removesuffix('/completions')} of {begins:%Y-%m-%d %H:%M}"
            for result in decode_rows(bucket.results, shape, place, report.left_out):
                yield begins, result


async def _read_pieces(request: ReportRequest, report: Report, span: Mapping[str, Any]) -> None:
    """Read web searches and sessions of the code interpreter, where the provider counts them."""
    searches, sessions = "usage/web_search_calls", "usage/code_interpreter_sessions"
    try:
        async for begins, search in _read(request, report, searches, {**span, "group_by": "model"}, SearchResult):
            _add_pieces(request, report, begins, search.model or "", searches=search.num_requests)
        async for begins, session in _read(request, report, sessions, span, SessionResult):
            _add_pieces(request, report, begins, "", executions=session.num_sessions)
    except MissingError:
        # Proxies and earlier versions do not count them.
        return


def _add_pieces(
    request: ReportRequest, report: Report, begins: datetime, model: str, *, searches: int = 0, executions: int = 0
) -> None:
    for kind, count in ((ChargeKind.WEB_SEARCH, searches), (ChargeKind.CODE_EXECUTION, executions)):
        if count:
            report.usage.append(UsageCount(begins.date(), report_model(model), kind, count))
    if request.hourly and (searches or executions):
        hour = whole_hour(begins)
        report.hours.append(
            HourTokens(hour, None, model, TokenCounts(), web_searches=searches, code_executions=executions)
        )


def hour_tokens(begins: datetime, result: UsageResult) -> HourTokens:
    """Return the tokens of an hourly result; reasoning is not separated."""
    return HourTokens(
        whole_hour(begins),
        None,
        result.model or "",
        split(result),
        result.num_model_requests or 0,
        service_tier=_tier(result),
    )


def split(result: UsageResult) -> TokenCounts:
    """Return the tokens of a result as disjoint kinds."""
    read, written = result.input_cached_tokens or 0, result.input_cache_write_tokens or 0
    # A part larger than its whole stands beside it.
    cached = read + written if read + written <= result.input_tokens else 0
    return TokenCounts(result.input_tokens - cached, read, written, result.output_tokens)


def counted(day: date, result: UsageResult) -> list[UsageCount]:
    """Return the tokens of a result by kind."""
    model = report_model(result.model)
    counts = zip(BILLED_KINDS, billed_tokens(split(result)), strict=True)
    return [UsageCount(day, model, kind, count, _tier(result)) for kind, count in counts if count]


def _tier(result: UsageResult) -> str:
    return service_tier(result.service_tier, "batch" if result.batch else "")


def cost_of(day: date, result: CostResult) -> Cost:
    """Return a cost; items without tokens (storage, seats) are other, and pieces have no model."""
    name, _, meter = (result.line_item or "").rpartition(", ")
    words = meter.lower()
    kind = ChargeKind.OTHER
    if name and re.search(r"cache[ _-]?writ", words):
        kind = ChargeKind.CACHE_WRITE
    elif name and "cached" in words:
        kind = ChargeKind.CACHE_READ
    elif name and "output" in words:
        kind = ChargeKind.OUTPUT
    elif name and "input" in words:
        kind = ChargeKind.INPUT_UNCACHED
    model = report_model(name) if kind is not ChargeKind.OTHER else ""
    item = (result.line_item or "").lower()
    if kind is ChargeKind.OTHER and _SEARCH.search(item):
        kind = ChargeKind.WEB_SEARCH
    elif kind is ChargeKind.OTHER and _INTERPRETER.search(item):
        kind = ChargeKind.CODE_EXECUTION
    tier = service_tier(*_TIER.findall(item))
    return Cost(day, model, kind, result.amount.currency.upper(), result.amount.value, tier)


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _instant(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise UnreadableError("contains an invalid time") from None
