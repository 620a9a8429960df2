"""Heads of requests: their size, their number of headers, and the time until they are complete."""

import pytest

from service.http.admission.limits import HEAD_SECONDS, HEADERS, KEEP_ALIVE_SECONDS
from tests.integration.service.http.admission.conftest import Door

BEGIN = b"GET /small HTTP/1.1\r\nHost: x\r\n"
WHOLE = BEGIN + b"\r\n"


async def test_a_header_without_end_is_refused_after_64_kib(door: Door) -> None:
    raw = await door.connect()
    await raw.send(BEGIN + b"X-A: " + b"a" * 70_000)
    status, body = await raw.answer()
    assert status == 431
    assert b"64 KiB" in body
    assert door.refusals() == {"large_head": 1}


async def test_a_whole_head_of_more_than_64_kib_is_refused(door: Door) -> None:
    raw = await door.connect()
    await raw.send(BEGIN + b"".join(b"X-%d: %s\r\n" % (each, b"a" * 7000) for each in range(10)) + b"\r\n")
    assert (await raw.answer())[0] == 431


async def test_a_head_of_nearly_64_kib_is_accepted(door: Door) -> None:
    raw = await door.connect()
    await raw.send(BEGIN + b"X-A: " + b"a" * 60_000 + b"\r\n\r\n")
    assert (await raw.answer())[0] == 200


@pytest.mark.parametrize("path", [b"/small", b"/read"])
async def test_the_hundred_and_first_header_is_refused(door: Door, path: bytes) -> None:
    raw = await door.connect()
    await raw.send(b"GET " + path + b" HTTP/1.1\r\n" + b"x: 1\r\n" * (HEADERS + 1) + b"\r\n")
    assert (await raw.answer())[0] == 431
    raw = await door.connect()
    await raw.send(b"GET /small HTTP/1.1\r\nHost: x\r\n" + b"x: 1\r\n" * (HEADERS - 1) + b"\r\n")
    assert (await raw.answer())[0] == 200


async def test_who_goes_on_with_a_refused_head_is_cut_off_at_once(door: Door) -> None:
    raw = await door.connect()
    with pytest.raises(ConnectionError):
        await raw.send(BEGIN + b"x: 1\r\n" * 10_000_000)


async def test_a_head_that_takes_too_long_ends_the_connection(door: Door) -> None:
    raw = await door.connect()
    await raw.send(BEGIN)
    await _seen(door)
    door.pass_seconds(HEAD_SECONDS)
    await raw.send(b"X-Slow: 1\r\n")
    door.pass_seconds(1)
    assert await raw.rest() == b""
    assert door.refusals() == {"slow_head": 1}


async def test_connections_without_a_request_are_closed(door: Door) -> None:
    silent, idle = await door.connect(), await door.connect()
    await idle.send(WHOLE)
    await idle.answer()
    door.pass_seconds(KEEP_ALIVE_SECONDS + 1)
    assert await idle.rest() == b""
    door.pass_seconds(HEAD_SECONDS)
    assert await silent.rest() == b""


async def test_what_is_not_http_is_refused(door: Door) -> None:
    raw = await door.connect()
    await raw.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n")
    assert (await raw.answer())[0] == 400


async def test_other_protocols_are_answered_as_plain_requests(door: Door) -> None:
    raw = await door.connect()
    await raw.send(BEGIN + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")
    assert (await raw.answer())[0] == 200


async def test_more_requests_in_a_row_than_a_connection_may_have_waiting_end_it(door: Door) -> None:
    raw = await door.connect()
    await raw.send(WHOLE * 1000)
    await raw.rest()
    assert door.refusals() == {"many_pipelined": 1}


async def test_a_few_requests_in_a_row_are_answered_in_order(door: Door) -> None:
    raw = await door.connect()
    await raw.send(WHOLE + b"GET /headers HTTP/1.1\r\nHost: x\r\nA: 1\r\n\r\n" + WHOLE)
    assert [(await raw.answer())[1] for _ in range(3)] == [b"127.0.0.1", b"2", b"127.0.0.1"]


async def _seen(door: Door) -> None:
    """Wait until the server has read what was sent."""
    probe = await door.connect()
    await probe.send(WHOLE)
    await probe.answer()
    probe.writer.close()
