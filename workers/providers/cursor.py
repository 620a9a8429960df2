"""Cursor's Admin API: usage events, one per model request, each with the user's e-mail address.

https://cursor.com/docs/account/teams/admin-api. `POST /teams/filtered-usage-events` takes days in milliseconds and a
page, with the key as user name of basic authentication, at most 20 requests per minute. Counts are disjoint; reasoning
is not separated. Events have no id and need none: a day is read as a whole and replaced. The address identifies the
team and is dropped; events that are not model requests have no `tokenUsage`.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct, field

from vocabulary.tokens import TokenCounts
from workers.providers.client import MAXIMUM_PAGES, LaterError, UnreadableError, decode, decode_rows, fetch
from workers.providers.hour_sums import HourSums
from workers.providers.left_out import LeftOutRow
from workers.providers.reports import Report, ReportRequest, Tokens

URL = "https://api.cursor.com"
PATH = "/teams/filtered-usage-events"
EVENTS_A_PAGE = 1_000
# A limit per minute is waited for; a longer wait postpones the whole report.
LONGEST_WAIT = timedelta(minutes=1)
WAITS = 4


class TokenUsage(Struct, rename="camel"):
    """Tokens of one request."""

    input_tokens: Tokens = 0
    output_tokens: Tokens = 0
    cache_write_tokens: Tokens = 0
    cache_read_tokens: Tokens = 0


class UsageEvent(Struct, rename="camel"):
    """An event; `timestamp` is in milliseconds, as text or number."""

    timestamp: Annotated[str, Meta(pattern=r"^[0-9]{1,14}\Z")] | Annotated[int, Meta(ge=0, lt=10**14)]
    model: str = ""
    token_usage: TokenUsage | None = None
    user_email: str | None = None


class Pagination(Struct, rename="camel"):
    """Whether more pages follow."""

    has_next_page: bool = False


class UsagePage(Struct, rename="camel"):
    """A page of events."""

    usage_events: list[Raw]
    pagination: Pagination = field(default_factory=Pagination)


async def read_report(request: ReportRequest) -> Report:
    """Read the usage of the requested days, by hour, team and model; an event that cannot be read is left out."""
    sums = HourSums()
    left_out: list[LeftOutRow] = []
    key = base64.b64encode(f"{request.key}:".encode()).decode()
    waits = 0
    page = 1
    while page <= MAXIMUM_PAGES:
        try:
            body = await fetch(
                request.http,
                "POST",
                f"{request.base_url}{PATH}",
                headers={"Authorization": f"Basic {key}"},
                json={
                    "startDate": _milliseconds(request.first),
                    "endDate": _milliseconds(request.end) - 1,
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
        usage_page = decode(body, UsagePage)
        add_events(sums, usage_page.usage_events, f"events of {request.first}, page {page}", left_out, request.team_of)
        if not usage_page.pagination.has_next_page:
            return report_of(sums, left_out)
        if not usage_page.usage_events:
            raise UnreadableError("has more pages and nothing on this one")
        page += 1
    raise UnreadableError("has no last page")


def add_events(
    sums: HourSums, events: Sequence[Raw], page: str, left_out: list[LeftOutRow], team_of: Callable[[str], int | None]
) -> None:
    """Add the events of a page; the places of those that cannot be read are added to `left_out`."""
    for event in decode_rows(events, UsageEvent, page, left_out):
        try:
            add(sums, event, team_of)
        except UnreadableError:
            left_out.append(_impossible(page, event))


def _impossible(page: str, event: UsageEvent) -> LeftOutRow:
    identity = repr((event.timestamp, event.model, event.token_usage)).encode()
    tokens = sum(msgspec.structs.astuple(event.token_usage or TokenUsage()))
    text = f"{page}: more tokens in an hour than possible"
    return LeftOutRow(text, hashlib.sha256(identity).digest(), "counts", tokens)


def add(sums: HourSums, event: UsageEvent, team_of: Callable[[str], int | None]) -> None:
    """Add an event to its hour and the user's team."""
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


def report_of(sums: HourSums, left_out: list[LeftOutRow] | None = None) -> Report:
    """Return the events summed by hour, and by day and model."""
    return Report(usage=sums.by_day(), hours=sums.by_hour(), left_out=left_out or [])


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000
