"""Anthropic's Admin API: the messages usage report, and the cost report, whose amounts are decimal strings in cents.

https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report and get-cost-report. Costs of
the Priority Tier are in neither. Only groups by model and description are asked for, so that no key or workspace is
ever told.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from msgspec import Struct

from schema.charges import ChargeKind
from schema.tokens import TokenCounts
from workers.providers.client import read_pages
from workers.providers.reports import (
    Asked,
    Cost,
    Counted,
    CurrencyCode,
    HourTokens,
    Report,
    Tokens,
    check_amount,
    report_model,
    whole_hour,
)

VERSION = "2023-06-01"
DAYS_A_PAGE = 31
HOURS_A_PAGE = 168
CENTS = Decimal(100)

_KINDS: Mapping[str, ChargeKind] = {
    "uncached_input_tokens": ChargeKind.INPUT_UNCACHED,
    "cache_read_input_tokens": ChargeKind.CACHE_READ,
    "cache_creation.ephemeral_5m_input_tokens": ChargeKind.CACHE_WRITE,
    "cache_creation.ephemeral_1h_input_tokens": ChargeKind.CACHE_WRITE,
    "output_tokens": ChargeKind.OUTPUT,
}


class CacheCreation(Struct):
    """Tokens written to caches, by how long those live."""

    ephemeral_5m_input_tokens: Tokens = 0
    ephemeral_1h_input_tokens: Tokens = 0


class UsageResult(Struct):
    """Tokens of one model."""

    uncached_input_tokens: Tokens
    output_tokens: Tokens
    cache_read_input_tokens: Tokens = 0
    cache_creation: CacheCreation | None = None
    model: str | None = None


class CostResult(Struct):
    """An item of cost: `amount` is in the lowest unit of the currency."""

    amount: Decimal
    currency: CurrencyCode
    model: str | None = None
    token_type: str | None = None

    def __post_init__(self) -> None:
        """Refuse anything but an amount."""
        check_amount(self.amount)


class UsageBucket(Struct):
    """One day."""

    starting_at: datetime
    results: list[UsageResult]


class CostBucket(Struct):
    """One day."""

    starting_at: datetime
    results: list[CostResult]


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


async def read_report(asked: Asked) -> Report:
    """Usage and costs of the days asked for."""
    headers = {"x-api-key": asked.key, "anthropic-version": VERSION}
    span = {"starting_at": _text(asked.first), "ending_at": _text(asked.end)}
    days = {**span, "bucket_width": "1d", "limit": DAYS_A_PAGE}
    hours = {**span, "bucket_width": "1h", "limit": HOURS_A_PAGE}
    report = Report()
    usage = f"{asked.base_url}/v1/organizations/usage_report/messages"
    query = {**(hours if asked.hourly else days), "group_by[]": "model"}
    async for usage_page in read_pages(asked.http, usage, headers, query, UsagePage):
        for bucket in usage_page.data:
            begins = bucket.starting_at.astimezone(UTC)
            for result in bucket.results:
                report.usage += counted(begins.date(), result)
                if asked.hourly:
                    report.hours.append(hour_tokens(begins, result))
    costs = f"{asked.base_url}/v1/organizations/cost_report"
    async for cost_page in read_pages(asked.http, costs, headers, {**days, "group_by[]": "description"}, CostPage):
        for cost_bucket in cost_page.data:
            report.costs += [
                cost_of(cost_bucket.starting_at.astimezone(UTC).date(), each) for each in cost_bucket.results
            ]
    return report


def hour_tokens(begins: datetime, result: UsageResult) -> HourTokens:
    """The tokens of an hourly result; reasoning is not told apart, nor is the number of requests."""
    written = result.cache_creation or CacheCreation()
    tokens = TokenCounts(
        input_uncached=result.uncached_input_tokens,
        cache_read=result.cache_read_input_tokens,
        cache_write=written.ephemeral_5m_input_tokens + written.ephemeral_1h_input_tokens,
        output_visible=result.output_tokens,
    )
    return HourTokens(whole_hour(begins), None, result.model or "", tokens)


def counted(day: date, result: UsageResult) -> list[Counted]:
    """The tokens of a result by kind."""
    written = result.cache_creation or CacheCreation()
    tokens = {
        ChargeKind.INPUT_UNCACHED: result.uncached_input_tokens,
        ChargeKind.CACHE_READ: result.cache_read_input_tokens,
        ChargeKind.CACHE_WRITE: written.ephemeral_5m_input_tokens + written.ephemeral_1h_input_tokens,
        ChargeKind.OUTPUT: result.output_tokens,
    }
    model = report_model(result.model)
    return [Counted(day, model, kind, count) for kind, count in tokens.items() if count]


def cost_of(day: date, result: CostResult) -> Cost:
    """A cost; what is for no tokens (web search, code execution) is other."""
    kind = _KINDS.get(result.token_type or "", ChargeKind.OTHER)
    return Cost(day, report_model(result.model), kind, result.currency.upper(), result.amount / CENTS)


def _text(day: date) -> str:
    return datetime.combine(day, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
