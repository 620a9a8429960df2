"""What a provider may answer, and where it may be."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from msgspec import Struct

from workers.providers import client
from workers.providers.addresses import PublicTransport
from workers.providers.client import (
    LaterError,
    PrivateHostError,
    RefusedError,
    ReportError,
    UnreadableError,
    decode,
    fetch,
    retry_after,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)


async def fetched(answer: Callable[[httpx.Request], httpx.Response]) -> bytes:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        return await fetch(http, "GET", "https://provider.example.com/report")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, RefusedError) for status in (401, 403)),
        *((status, LaterError) for status in (429, 503)),
        *((status, UnreadableError) for status in (302, 404, 500)),
    ],
)
async def test_an_invalid_response_is_reported_with_advice_and_without_its_content(
    status: int, error: type[ReportError]
) -> None:
    with pytest.raises(error) as raised:
        await fetched(lambda _: httpx.Response(status, text="CANARY"))
    assert "CANARY" not in str(raised.value)


async def test_a_body_beyond_a_page_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST_BODY", 10)
    assert await fetched(lambda _: httpx.Response(200, content=b"x" * 10)) == b"x" * 10
    with pytest.raises(UnreadableError):
        await fetched(lambda _: httpx.Response(200, content=b"x" * 11))


async def test_a_body_of_another_shape_is_refused_without_repeating_it() -> None:
    class Shape(Struct):
        tokens: int

    for body in (b'{"tokens": "CANARY"}', b"\xff", b"", b'{"tokens": 1e999}'):
        with pytest.raises(UnreadableError) as raised:
            decode(body, Shape)
        assert "CANARY" not in str(raised.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "[::ffff:10.0.0.1]"])
async def test_a_private_address_is_never_connected_to(host: str) -> None:
    async with httpx.AsyncClient(transport=PublicTransport()) as http:
        with pytest.raises(PrivateHostError):
            await fetch(http, "GET", f"http://{host}:9/")


async def test_a_host_that_does_not_exist_is_away() -> None:
    async with httpx.AsyncClient(transport=PublicTransport()) as http:
        with pytest.raises(UnreadableError):
            await fetch(http, "GET", "http://nowhere.invalid/")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("Mon, 02 Mar 2026 00:02:00 GMT", 120),
        ("0", 1),
        ("999999999", 21_600),
        (None, 60),
        ("soon", 60),
        ("Mon, 02 Mar 2020 00:02:00 GMT", 1),
    ],
)
def test_the_requested_wait_is_limited(header: str | None, seconds: int) -> None:
    assert retry_after(header, NOW) == timedelta(seconds=seconds)
