"""Requests pages of a provider's report. Of its error texts, only what an allow-list holds is stored."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, TypeVar

import httpx
import msgspec
from msgspec import Raw

from schema.failures import Failure
from workers.forge_access.answers import read_answer
from workers.forge_access.broken import broken_by
from workers.forge_access.explained import ExplainedError
from workers.providers.left_out import WHOLE_ROW, LeftOutRow, left_out_row

SECONDS = 30.0
MAXIMUM_PAGES = 1_000
LONGEST_ERROR = 20_000
LARGEST_BODY = 32 * 1024 * 1024
LATER = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}
# Used when the provider does not say how long to wait.
DEFAULT_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)


# Of a text like "Expected `int` >= 0 - at `$.output_tokens`" or "Object missing required field `model`".
FIELD = re.compile(r"(?:at `\$\.|required field `)([a-zA-Z0-9_.]+)`$")


class ReportError(ExplainedError):
    """Base class of errors from requesting a report."""

    failure = Failure.PROVIDER_NOT_UNDERSTOOD


class RefusedError(ReportError):
    """The provider refused the key."""

    failure = Failure.KEY_REFUSED


class LaterError(ReportError):
    """The provider asks to retry later."""

    failure = Failure.PROVIDER_LIMITED

    def __init__(self, wait: timedelta) -> None:
        super().__init__("the provider asks to retry later")
        self.wait = wait


class PrivateHostError(ReportError):
    """The host is on a private network, which the operator has not allowed."""

    failure = Failure.PRIVATE_PROVIDER


class UnreadableError(ReportError):
    """The provider is unavailable, or its answer does not have the documented form."""


class MissingError(UnreadableError):
    """The provider has nothing at this address."""


class Page(Protocol):
    """A page of a report, and the key of the next one if there are more."""

    has_more: bool
    next_page: str | None


AnyPage = TypeVar("AnyPage", bound=Page)
AnyShape = TypeVar("AnyShape")


async def read_pages(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str], query: Mapping[str, Any], shape: type[AnyPage]
) -> AsyncIterator[AnyPage]:
    """Yield all pages of a report; raises ReportError."""
    page_query = dict(query)
    for _ in range(MAXIMUM_PAGES):
        page = await _read_page(http, url, headers, page_query, shape)
        yield page
        if not page.has_more:
            return
        if not page.next_page or page.next_page == page_query.get("page"):
            raise UnreadableError("has more pages and does not say which")
        page_query["page"] = page.next_page
    raise UnreadableError("has no last page")


async def _read_page(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str], query: Mapping[str, Any], shape: type[AnyPage]
) -> AnyPage:
    return decode(await fetch(http, "GET", url, headers=dict(headers), params=dict(query)), shape)


async def fetch(http: httpx.AsyncClient, method: str, url: str, **request: Any) -> bytes:
    """Return the body of an answer; raises ReportError."""
    try:
        async with http.stream(method, url, timeout=SECONDS, **request) as answer:
            if not answer.is_success:
                raise _refusal(answer, await _beginning(answer))
            return await _body(answer)
    except httpx.HTTPError as error:
        unreachable = UnreadableError(type(error).__name__)
        unreachable.answer = broken_by(error)
        raise unreachable from None
    except httpx.InvalidURL:
        raise UnreadableError("was not found at this address") from None


def decode_rows(
    rows: Iterable[Raw], shape: type[AnyShape], page: str, left_out: list[LeftOutRow]
) -> Iterator[AnyShape]:
    """Yield the rows of a page that can be read; each other row is added to `left_out` with its place and field."""
    for number, row in enumerate(rows, start=1):
        try:
            read = msgspec.json.decode(row, type=shape)
        except (msgspec.MsgspecError, UnicodeError, ArithmeticError) as error:
            # The rest of the message could quote the report.
            field = FIELD.search(str(error))
            left_out.append(left_out_row(f"{page}, row {number}", field[1] if field else WHOLE_ROW, bytes(row)))
        else:
            yield read


def decode(body: bytes, shape: type[AnyShape]) -> AnyShape:
    """Decode a body; raises UnreadableError without quoting the body."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeError, ArithmeticError):
        # The message could quote the report.
        raise UnreadableError("has an unexpected form") from None


def _refusal(answer: httpx.Response, body: str) -> ReportError:
    """Return the error for an answer that is not a report, with what it said."""
    error = _refusal_of(answer)
    error.answer = read_answer(answer.status_code, body, answer.headers)
    return error


def _refusal_of(answer: httpx.Response) -> ReportError:
    wait = answer.headers.get("retry-after")
    # GitHub answers 403 beyond its rate limits.
    is_limit = wait is not None or answer.headers.get("x-ratelimit-remaining") == "0"
    if answer.status_code in LATER or (answer.status_code == httpx.codes.FORBIDDEN and is_limit):
        return LaterError(retry_after(wait, datetime.now(UTC)))
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return RefusedError("needs a key with access to it")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return MissingError(f"answered {answer.status_code}")
    return UnreadableError(f"answered {answer.status_code}")


async def _beginning(answer: httpx.Response) -> str:
    """Return the beginning of a body, however large it is."""
    read = b""
    async for part in answer.aiter_bytes():
        read += part
        if len(read) >= LONGEST_ERROR:
            break
    return read[:LONGEST_ERROR].decode(errors="replace")


async def _body(answer: httpx.Response) -> bytes:
    """Read the whole body, up to the largest size of a page."""
    parts, size = [], 0
    async for part in answer.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            raise UnreadableError("is too large")
    return b"".join(parts)


def retry_after(header: str | None, now: datetime) -> timedelta:
    """Return how long Retry-After (seconds or a date) says to wait, within limits."""
    wait = DEFAULT_WAIT
    try:
        if header and header.strip().isdigit():
            wait = timedelta(seconds=int(header))
        elif header:
            wait = parsedate_to_datetime(header) - now
    except (ValueError, TypeError, OverflowError):
        pass
    return min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)
