"""Anthropic's Admin API: the messages usage report, and the cost report with amounts as decimal strings in cents.

https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report and get-cost-report. Neither
includes costs of the Priority Tier. Only groups by model, service tier, region and description are requested, so that
answers name no key or workspace.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from msgspec import Raw, Struct

from vocabulary.charges import ChargeKind
from vocabulary.service_tiers import service_tier
from vocabulary.tokens import TokenCounts
from workers.providers.client import decode_rows, read_pages
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

VERSION = "2023-06-01"
DAYS_A_PAGE = 31
HOURS_A_PAGE = 168
CENTS = Decimal(100)
# What decides the price of tokens.
GROUPS = ("model", "service_tier", "inference_geo")

_KINDS: Mapping[str, ChargeKind] = {
    "uncached_input_tokens": ChargeKind.INPUT_UNCACHED,
    "cache_read_input_tokens": ChargeKind.CACHE_READ,
    "cache_creation.ephemeral_5m_input_tokens": ChargeKind.CACHE_WRITE,
    "cache_creation.ephemeral_1h_input_tokens": ChargeKind.CACHE_WRITE,
    "output_tokens": ChargeKind.OUTPUT,
}
_PIECES: Mapping[str, ChargeKind] = {
    "web_search": ChargeKind.WEB_SEARCH,
    "code_execution": ChargeKind.CODE_EXECUTION,
}
AN_HOUR = "cache_creation.ephemeral_1h_input_tokens"


class CacheCreation(Struct):
    """Tokens written to caches, by lifetime."""

    ephemeral_5m_input_tokens: Tokens = 0
    ephemeral_1h_input_tokens: Tokens = 0


class ServerToolUse(Struct):
    """What is charged by piece."""

    web_search_requests: Pieces | None = None
    code_execution_requests: Pieces | None = None


class UsageResult(Struct):
    """Tokens of one model, service tier and region."""

    uncached_input_tokens: Tokens
    output_tokens: Tokens
    cache_read_input_tokens: Tokens = 0
    cache_creation: CacheCreation | None = None
    server_tool_use: ServerToolUse | None = None
    model: str | None = None
    service_tier: str | None = None
    inference_geo: str | None = None


class CostResult(Struct):
    """A cost item; `amount` is in the smallest unit of the currency."""

    amount: Decimal
    currency: CurrencyCode
    model: str | None = None
    token_type: str | None = None
    cost_type: str | None = None
    service_tier: str | None = None
    inference_geo: str | None = None

    def __post_init__(self) -> None:
        """Validate the amount."""
        check_amount(self.amount)


class UsageBucket(Struct):
    """One day."""

    starting_at: datetime
    results: list[Raw]


class CostBucket(Struct):
    """One day."""

    starting_at: datetime
    results: list[Raw]


class UsagePage(Struct):
    """A page of the usage report."""

    data: list[UsageBucket]
    has_more: bool
    next_page: str | None = None


class CostPage(Struct):
    """A page of the cost report."""

    data: list[CostBucket]
    has_more: bool
    next_page: str | None = None


async def read_report(request: ReportRequest) -> Report:
    """Read usage and costs of the requested days."""
    headers = {"x-api-key": request.key, "anthropic-version": VERSION}
    span = {"starting_at": _text(request.first), "ending_at": _text(request.end)}
    days = {**span, "bucket_width": "1d", "limit": DAYS_A_PAGE}
    hours = {**span, "bucket_width": "1h", "limit": HOURS_A_PAGE}
    report = Report()
    usage = f"{request.base_url}/v1/organizations/usage_report/messages"
    query = {**(hours if request.hourly else days), "group_by[]": GROUPS}
    async for usage_page in read_pages(request.http, usage, headers, query, UsagePage):
        for bucket in usage_page.data:
            begins = bucket.starting_at.astimezone(UTC)
            place = f"usage of {begins:%Y-%m-%d %H:%M}"
            for result in decode_rows(bucket.results, UsageResult, place, report.left_out):
                report.usage += counted(begins.date(), result)
                if request.hourly:
                    report.hours.append(hour_tokens(begins, result))
    costs = f"{request.base_url}/v1/organizations/cost_report"
    async for cost_page in read_pages(request.http, costs, headers, {**days, "group_by[]": "description"}, CostPage):
        for cost_bucket in cost_page.data:
            day = cost_bucket.starting_at.astimezone(UTC).date()
            results = decode_rows(cost_bucket.results, CostResult, f"costs of {day}", report.left_out)
            report.costs += [cost_of(day, each) for each in results]
    return report


def hour_tokens(begins: datetime, result: UsageResult) -> HourTokens:
    """Return the tokens of an hourly result; it separates no reasoning and counts no requests."""
    written, tools = result.cache_creation or CacheCreation(), result.server_tool_use or ServerToolUse()
    tokens = TokenCounts(
        input_uncached=result.uncached_input_tokens,
        cache_read=result.cache_read_input_tokens,
        cache_write=written.ephemeral_5m_input_tokens + written.ephemeral_1h_input_tokens,
        output_visible=result.output_tokens,
    )
    return HourTokens(
        whole_hour(begins),
        None,
        result.model or "",
        tokens,
        cache_write_1h=written.ephemeral_1h_input_tokens,
        service_tier=service_tier(result.service_tier, result.inference_geo),
        web_searches=tools.web_search_requests or 0,
        code_executions=tools.code_execution_requests or 0,
    )


def counted(day: date, result: UsageResult) -> list[UsageCount]:
    """Return the tokens of a result by kind, and its pieces."""
    written, tools = result.cache_creation or CacheCreation(), result.server_tool_use or ServerToolUse()
    counts = (
        (ChargeKind.INPUT_UNCACHED, result.uncached_input_tokens, False),
        (ChargeKind.CACHE_READ, result.cache_read_input_tokens, False),
        (ChargeKind.CACHE_WRITE, written.ephemeral_5m_input_tokens, False),
        (ChargeKind.CACHE_WRITE, written.ephemeral_1h_input_tokens, True),
        (ChargeKind.OUTPUT, result.output_tokens, False),
        (ChargeKind.WEB_SEARCH, tools.web_search_requests or 0, False),
        (ChargeKind.CODE_EXECUTION, tools.code_execution_requests or 0, False),
    )
    model, tier = report_model(result.model), service_tier(result.service_tier, result.inference_geo)
    return [UsageCount(day, model, kind, count, tier, lives) for kind, count, lives in counts if count]


def cost_of(day: date, result: CostResult) -> Cost:
    """Return a cost; what is neither for tokens nor by piece is other."""
    kind = _KINDS.get(result.token_type or "") or _PIECES.get(result.cost_type or "", ChargeKind.OTHER)
    return Cost(
        day,
        report_model(result.model),
        kind,
        result.currency.upper(),
        result.amount / CENTS,
        service_tier(result.service_tier, result.inference_geo),
        result.token_type == AN_HOUR,
    )


def _text(day: date) -> str:
    return datetime.combine(day, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
