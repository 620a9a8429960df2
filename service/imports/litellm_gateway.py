"""Spend logs from a LiteLLM gateway's REST API, page by page."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self, TypeAlias, TypeVar

import httpx
import msgspec

from schema.errors import SetUpError
from service.imports.left_out import UnusableRow, unusable_row
from service.imports.litellm import SpendLog, SpendLogsPage, UnusableRowError, decode_row
from vocabulary.web_addresses import AddressError, read_web_address

ROWS_A_PAGE = 100
MAXIMUM_PAGES = 100_000
REQUEST_SECONDS = 60.0
ATTEMPTS = 8
LONGEST_WAIT_SECONDS = 120.0
# A window with more rows than the gateway counts is split in halves, down to this.
SHORTEST = timedelta(seconds=2)
BUSY = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE)
AnyShape = TypeVar("AnyShape")
_PlacedRow: TypeAlias = tuple[str, msgspec.Raw]


class Gateway:
    """A gateway, read with an admin's key. Raises SetUpError, which quotes nothing from the gateway's responses."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            base = read_web_address(url, example="https://litellm.example.com").text
        except AddressError as error:
            raise SetUpError(str(error), field="gateway") from None
        self._pause = pause
        self._has_pages = True
        self._http = httpx.Client(
            base_url=base,
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

    def read(self, start: datetime, end: datetime) -> Iterator[SpendLog | UnusableRow]:
        """Yield the rows of requests that began at or after `start` and before `end`, both in whole seconds."""
        for place, raw in self._pages(start, end) if self._has_pages else self._days(start, end):
            try:
                row = decode_row(raw)
                # The gateway's ranges include their end, and are whole days in versions without pages.
                if start <= row.started_at < end:
                    yield row
            except UnusableRowError as error:
                yield unusable_row(place, str(error), bytes(raw))

    def _pages(self, start: datetime, end: datetime) -> Iterator[_PlacedRow]:
        span = {"start_date": _text(start), "end_date": _text(end), "page_size": str(ROWS_A_PAGE)}
        first = self._get("/spend/logs/v2", {**span, "page": "1"}, SpendLogsPage)
        if first is None:
            # Earlier versions return whole days only.
            self._has_pages = False
            yield from self._days(start, end)
            return
        if first.total_is_capped and end - start > SHORTEST:
            middle = (start + (end - start) / 2).replace(microsecond=0)
            yield from self._pages(start, middle)
            yield from self._pages(middle, end)
            return
        if first.total_is_capped or first.total_pages > MAXIMUM_PAGES:
            raise SetUpError("has more rows than it returns; import from its database instead", field="gateway")
        yield from _placed(f"{span['start_date']} UTC, page 1", first.data)
        for page in range(2, first.total_pages + 1):
            found = self._get("/spend/logs/v2", {**span, "page": str(page)}, SpendLogsPage)
            yield from _placed(f"{span['start_date']} UTC, page {page}", found.data if found else ())

    def _days(self, start: datetime, end: datetime) -> Iterator[_PlacedRow]:
        day = start.date()
        while day <= end.date():
            query = {"start_date": str(day), "end_date": str(day + timedelta(days=1)), "summarize": "false"}
            rows = self._get("/spend/logs", query, list[msgspec.Raw])
            if rows is None:
                raise SetUpError("has no spend logs; check that it is a LiteLLM proxy with a database", field="gateway")
            yield from _placed(f"{day}", rows)
            day += timedelta(days=1)

    def _get(self, path: str, query: dict[str, str], shape: type[AnyShape]) -> AnyShape | None:
        """Return the response, None if the path does not exist."""
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
        raise SetUpError("refused the key; reading spend logs needs an admin's key", field="gateway")
    if not answer.is_success:
        raise SetUpError(f"answered {answer.status_code}; import again later", field="gateway")
    try:
        # Some bytes of a prompt may not be text; they are not read, and must not hide the other rows.
        return msgspec.json.decode(answer.content.decode(errors="replace"), type=shape)
    except msgspec.ValidationError:
        raise SetUpError(
            "did not answer with a page of spend logs; check that it is a LiteLLM proxy", field="gateway"
        ) from None
    except msgspec.DecodeError:
        raise SetUpError("did not answer with JSON; check that it is a LiteLLM proxy", field="gateway") from None


def _placed(page: str, rows: Iterable[msgspec.Raw]) -> Iterator[_PlacedRow]:
    """Yield each row with its place, for what is said of rows that are left out."""
    for number, row in enumerate(rows, start=1):
        yield f"{page}, row {number}", row


def _wait(attempt: int, retry_after: str | None) -> float:
    wait = float(retry_after) if retry_after and retry_after.isdigit() else 2.0**attempt
    return min(wait, LONGEST_WAIT_SECONDS)


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
