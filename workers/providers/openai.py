"""OpenAI's organization API: completions usage, whose input includes cached tokens, and costs by line item.

https://platform.openai.com/docs/api-reference/usage. Only groups by model, tier and line item are requested, so that
answers name no project, user or key.
"""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal

from msgspec import Raw, Struct

from schema.vocabulary.charges import BILLED_KINDS, ChargeKind, billed_tokens
from schema.vocabulary.service_tiers import service_tier
from schema.vocabulary.tokens import TokenCounts
from workers.providers.client import UnreadableError, decode_rows, read_pages
from workers.providers.reports import (
    Cost,
    CurrencyCode,
    HourTokens,
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
# What decides the price of an hour's tokens.
HOURLY_GROUPS = ("model", "service_tier", "batch")


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


class UsageBucket(Struct):
    """One day."""

    start_time: int
    results: list[Raw]


class CostBucket(Struct):
    """One day."""

    start_time: int
    results: list[Raw]


class UsagePage(Struct):
    """A page of usage."""

    data: list[UsageBucket]
    has_more: bool
    next_page: str | None = None


class CostPage(Struct):
    """A page of costs."""

    data: list[CostBucket]
    has_more: bool
    next_page: str | None = None


async def read_report(request: ReportRequest) -> Report:
    """Read usage and costs of the requested days."""
    headers = {"Authorization": f"Bearer {request.key}"}
    span = {"start_time": _seconds(request.first), "end_time": _seconds(request.end)}
    days = {**span, "bucket_width": "1d", "limit": DAYS_A_PAGE}
    hours = {**span, "bucket_width": "1h", "limit": HOURS_A_PAGE}
    report = Report()
    usage = f"{request.base_url}/v1/organization/usage/completions"
    query = {**hours, "group_by": HOURLY_GROUPS} if request.hourly else {**days, "group_by": "model"}
    async for usage_page in read_pages(request.http, usage, headers, query, UsagePage):
        for bucket in usage_page.data:
            begins = _instant(bucket.start_time)
            place = f"usage of {begins:%Y-%m-%d %H:%M}"
            for result in decode_rows(bucket.results, UsageResult, place, report.left_out):
                report.usage += counted(begins.date(), result)
                if request.hourly:
                    report.hours.append(hour_tokens(begins, result))
    costs = f"{request.base_url}/v1/organization/costs"
    async for cost_page in read_pages(request.http, costs, headers, {**days, "group_by": "line_item"}, CostPage):
        for cost_bucket in cost_page.data:
            day = _instant(cost_bucket.start_time).date()
            results = decode_rows(cost_bucket.results, CostResult, f"costs of {day}", report.left_out)
            report.costs += [cost_of(day, each) for each in results]
    return report


def hour_tokens(begins: datetime, result: UsageResult) -> HourTokens:
    """Return the tokens of an hourly result; reasoning is not separated."""
    return HourTokens(
        whole_hour(begins),
        None,
        result.model or "",
        split(result),
        result.num_model_requests or 0,
        service_tier=service_tier(result.service_tier, "batch" if result.batch else ""),
    )


def split(result: UsageResult) -> TokenCounts:
    """Return the tokens of a result as disjoint kinds."""
    read = min(result.input_cached_tokens or 0, result.input_tokens)
    written = min(result.input_cache_write_tokens or 0, result.input_tokens - read)
    return TokenCounts(result.input_tokens - read - written, read, written, result.output_tokens)


def counted(day: date, result: UsageResult) -> list[UsageCount]:
    """Return the tokens of a result by kind."""
    model = report_model(result.model)
    counts = zip(BILLED_KINDS, billed_tokens(split(result)), strict=True)
    return [UsageCount(day, model, kind, count) for kind, count in counts if count]


def cost_of(day: date, result: CostResult) -> Cost:
    """Return a cost; items without tokens (storage, tools) are other, without a model unless named."""
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
    return Cost(day, model, kind, result.amount.currency.upper(), result.amount.value)


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _instant(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise UnreadableError("contains an invalid time") from None
