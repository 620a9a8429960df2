"""Spend logs over a LiteLLM gateway's REST API: page by page, within its limits."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self, TypeVar

import httpx
import msgspec

from schema.errors import SetUpError
from service.imports.litellm import SpendLog, SpendLogsPage, UnusableRowError, column_of, in_utc

ROWS_A_PAGE = 100
MAXIMUM_PAGES = 100_000
REQUEST_SECONDS = 60.0
ATTEMPTS = 8
LONGEST_WAIT_SECONDS = 120.0
# A window with more rows than the gateway counts is asked for in halves, down to this.
SHORTEST = timedelta(seconds=2)
BUSY = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE)
AnyShape = TypeVar("AnyShape")


class Gateway:
    """A gateway that is asked with an admin's key. Raises SetUpError, which repeats nothing that it said."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise SetUpError("must be the URL of a gateway; it begins with http:// or https://", field="gateway")
        self._pause = pause
        self._has_pages = True
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {key}"},
            timeout=REQUEST_SECONDS,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def read(self, begins: datetime, ends: datetime) -> Iterator[SpendLog]:
        """The rows of requests that began from one instant on and before another, both whole seconds."""
        rows = self._pages(begins, ends) if self._has_pages else self._days(begins, ends)
        # The gateway takes the end as part of a span, and whole days where it knows no pages.
        yield from (row for row in rows if begins <= in_utc(row.start_time) < ends)

    def _pages(self, begins: datetime, ends: datetime) -> Iterator[SpendLog]:
        span = {"start_date": _text(begins), "end_date": _text(ends), "page_size": str(ROWS_A_PAGE)}
        first = self._ask("/spend/logs/v2", {**span, "page": "1"}, SpendLogsPage)
        if first is None:
            # Versions before it have whole days only.
            self._has_pages = False
            yield from self._days(begins, ends)
            return
        if first.total_is_capped and ends - begins > SHORTEST:
            middle = (begins + (ends - begins) / 2).replace(microsecond=0)
            yield from self.read(begins, middle)
            yield from self.read(middle, ends)
            return
        if first.total_is_capped or first.total_pages > MAXIMUM_PAGES:
            raise SetUpError("counts more rows than it returns; import from its database instead", field="gateway")
        yield from first.data
        for page in range(2, first.total_pages + 1):
            reported = self._ask("/spend/logs/v2", {**span, "page": str(page)}, SpendLogsPage)
            yield from reported.data if reported else ()

    def _days(self, begins: datetime, ends: datetime) -> Iterator[SpendLog]:
        day = begins.date()
        while day <= ends.date():
            query = {"start_date": str(day), "end_date": str(day + timedelta(days=1)), "summarize": "false"}
            rows = self._ask("/spend/logs", query, list[SpendLog])
            if rows is None:
                raise SetUpError("has no spend logs; check that it is a LiteLLM proxy with a database", field="gateway")
            yield from rows
            day += timedelta(days=1)

    def _ask(self, path: str, query: dict[str, str], shape: type[AnyShape]) -> AnyShape | None:
        """The answer, None where there is no such path."""
        for attempt in range(ATTEMPTS):
            try:
                answer = self._http.get(path, params=query)
            except httpx.TransportError as error:
                raise SetUpError(f"does not answer ({type(error).__name__}); check the URL", field="gateway") from None
            if answer.status_code not in BUSY or attempt == ATTEMPTS - 1:
                return _read(answer, shape)
            self._pause(_wait(attempt, answer.headers.get("Retry-After")))
        raise AssertionError("the last attempt returns or raises")


def _read(answer: httpx.Response, shape: type[AnyShape]) -> AnyShape | None:
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise SetUpError("refused the key; spend logs need an admin's key", field="gateway")
    if not answer.is_success:
        raise SetUpError(f"answered {answer.status_code}; import again later", field="gateway")
    try:
        return msgspec.json.decode(answer.content, type=shape)
    except msgspec.ValidationError as error:
        raise UnusableRowError(column_of(error)) from None
    except (msgspec.DecodeError, UnicodeError):
        raise SetUpError("did not answer with JSON; check that it is a LiteLLM proxy", field="gateway") from None


def _wait(attempt: int, asked: str | None) -> float:
    wait = float(asked) if asked and asked.isdigit() else 2.0**attempt
    return min(wait, LONGEST_WAIT_SECONDS)


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
