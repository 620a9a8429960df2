"""Asking a provider for pages of a report. What it says of an error is never kept."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, TypeVar

import httpx
import msgspec

from schema.failures import ExplainedError, Failure

SECONDS = 30.0
MAXIMUM_PAGES = 1_000
LARGEST_BODY = 32 * 1024 * 1024
LATER = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}
# Where a provider does not say how long to wait.
PATIENCE = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)


class ReportError(ExplainedError):
    """Root of what asking for a report raises."""

    failure = Failure.PROVIDER_NOT_UNDERSTOOD


class RefusedError(ReportError):
    """The provider will not answer this key."""

    failure = Failure.KEY_REFUSED


class LaterError(ReportError):
    """The provider asks to wait."""

    failure = Failure.PROVIDER_LIMITED

    def __init__(self, wait: timedelta) -> None:
        super().__init__("asked to wait")
        self.wait = wait


class PrivateHostError(ReportError):
    """The host is on a private network, which the operator does not allow."""

    failure = Failure.PRIVATE_PROVIDER


class UnreadableError(ReportError):
    """The provider is away, or its answer is not as documented."""


class Page(Protocol):
    """A page of a report: whether there are more, and how the next is asked for."""

    has_more: bool
    next_page: str | None


AnyPage = TypeVar("AnyPage", bound=Page)
AnyShape = TypeVar("AnyShape")


async def read_pages(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str], query: Mapping[str, Any], shape: type[AnyPage]
) -> AsyncIterator[AnyPage]:
    """All pages of a report; raises what ReportError is the root of."""
    asked = dict(query)
    for _ in range(MAXIMUM_PAGES):
        page = await _read_page(http, url, headers, asked, shape)
        yield page
        if not page.has_more:
            return
        if not page.next_page or page.next_page == asked.get("page"):
            raise UnreadableError("has more pages and does not say which")
        asked["page"] = page.next_page
    raise UnreadableError("has no last page")


async def _read_page(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str], query: Mapping[str, Any], shape: type[AnyPage]
) -> AnyPage:
    return decoded(await ask(http, "GET", url, headers=dict(headers), params=dict(query)), shape)


async def ask(http: httpx.AsyncClient, method: str, url: str, **request: Any) -> bytes:
    """The body that a provider answers; raises what ReportError is the root of."""
    try:
        async with http.stream(method, url, timeout=SECONDS, **request) as answer:
            _check(answer)
            return await _body(answer)
    except httpx.HTTPError as error:
        raise UnreadableError(type(error).__name__) from None
    except httpx.InvalidURL:
        raise UnreadableError("was not found at this address") from None


def decoded(body: bytes, shape: type[AnyShape]) -> AnyShape:
    """A body as documented; raises UnreadableError, without what the body says."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeError, ArithmeticError):
        # The message could repeat what the report says.
        raise UnreadableError("has an unexpected form") from None


def _check(answer: httpx.Response) -> None:
    wait = answer.headers.get("retry-after")
    # GitHub forbids what is beyond its limits.
    is_limit = wait is not None or answer.headers.get("x-ratelimit-remaining") == "0"
    if answer.status_code in LATER or (answer.status_code == httpx.codes.FORBIDDEN and is_limit):
        raise LaterError(wait_asked(wait, datetime.now(UTC)))
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise RefusedError("needs a key with access to it")
    if not answer.is_success:
        raise UnreadableError(f"answered {answer.status_code}")


async def _body(answer: httpx.Response) -> bytes:
    """All of it, unless there is more than a page can hold."""
    parts, size = [], 0
    async for part in answer.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            raise UnreadableError("is too large")
    return b"".join(parts)


def wait_asked(header: str | None, now: datetime) -> timedelta:
    """How long Retry-After, seconds or a date, asks to wait; within reason."""
    wait = PATIENCE
    try:
        if header and header.strip().isdigit():
            wait = timedelta(seconds=int(header))
        elif header:
            wait = parsedate_to_datetime(header) - now
    except (ValueError, TypeError, OverflowError):
        pass
    return min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)
