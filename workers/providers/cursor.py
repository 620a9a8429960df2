"""Cursor's Admin API: usage events, one a model request, each with the mail of whoever made it.

https://cursor.com/docs/account/teams/admin-api. `POST /teams/filtered-usage-events` with days in milliseconds and a
page, the key as user name of basic authentication, 20 requests a minute. Counts are disjoint; reasoning is not told
apart. Events have no id, and none is needed: a day is read whole and replaced. The mail tells the team and is dropped;
events that are no model requests have no `tokenUsage`.
"""

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from msgspec import Meta, Struct, field

from schema.tokens import TokenCounts
from workers.providers.client import MAXIMUM_PAGES, LaterError, UnreadableError, ask, decoded
from workers.providers.hour_sums import HourSums
from workers.providers.reports import Asked, Report, Tokens

URL = "https://api.cursor.com"
PATH = "/teams/filtered-usage-events"
EVENTS_A_PAGE = 1_000
# A limit by the minute is waited for within a day's report; more than that puts the whole report off.
LONGEST_WAIT = timedelta(minutes=1)
WAITS = 4


class TokenUsage(Struct, rename="camel"):
    """Tokens of one request."""

    input_tokens: Tokens = 0
    output_tokens: Tokens = 0
    cache_write_tokens: Tokens = 0
    cache_read_tokens: Tokens = 0


class UsageEvent(Struct, rename="camel"):
    """One event; `timestamp` is in milliseconds, as text or as a number."""

    timestamp: Annotated[str, Meta(pattern=r"^[0-9]{1,14}\Z")] | Annotated[int, Meta(ge=0, lt=10**14)]
    model: str = ""
    token_usage: TokenUsage | None = None
    user_email: str | None = None


class Pagination(Struct, rename="camel"):
    """Whether there are more pages."""

    has_next_page: bool = False


class UsagePage(Struct, rename="camel"):
    """A page of events."""

    usage_events: list[UsageEvent]
    pagination: Pagination = field(default_factory=Pagination)


async def read_report(asked: Asked) -> Report:
    """Usage of the days asked for, by hour, team and model."""
    sums = HourSums()
    key = base64.b64encode(f"{asked.key}:".encode()).decode()
    waits = 0
    page = 1
    while page <= MAXIMUM_PAGES:
        try:
            body = await ask(
                asked.http,
                "POST",
                f"{asked.base_url}{PATH}",
                headers={"Authorization": f"Basic {key}"},
                json={
                    "startDate": _milliseconds(asked.first),
                    "endDate": _milliseconds(asked.end) - 1,
                    "page": page,
                    "pageSize": EVENTS_A_PAGE,
                },
            )
        except LaterError as error:
            waits += 1
            if error.wait > LONGEST_WAIT or waits > WAITS:
                raise
            await asyncio.sleep(error.wait.total_seconds())
            continue
        reported = decoded(body, UsagePage)
        for event in reported.usage_events:
            add(sums, event, asked.team_of)
        if not reported.pagination.has_next_page:
            return report_of(sums)
        if not reported.usage_events:
            raise UnreadableError("has more pages and nothing on this one")
        page += 1
    raise UnreadableError("has no last page")


def add(sums: HourSums, event: UsageEvent, team_of: Callable[[str], int | None]) -> None:
    """Count an event in its hour, for the team of whoever made it."""
    usage = event.token_usage
    if usage is None:
        return
    tokens = TokenCounts(
        input_uncached=usage.input_tokens,
        cache_read=usage.cache_read_tokens,
        cache_write=usage.cache_write_tokens,
        output_visible=usage.output_tokens,
    )
    instant = datetime.fromtimestamp(int(event.timestamp) / 1000, UTC)
    sums.add(instant, team_of(event.user_email) if event.user_email else None, event.model, tokens)


def report_of(sums: HourSums) -> Report:
    """The events as sums by hour, and the same by day and model."""
    return Report(usage=sums.by_day(), hours=sums.by_hour())


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000
