"""Bodies of requests: refused unread, slow, fragmented, and too many at once."""

import asyncio

import pytest

from service.http.admission.limits import BODY_GRACE_SECONDS, BODY_SECONDS, LINGER_SECONDS, Limits
from tests.integration.service.http.admission.conftest import Door, door_of, until

CHUNKED = b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def head(length: int, path: str = "/read", more: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{more}\r\n".encode()


async def held(door: Door, number: int) -> None:
    """Wait until the server counts so many bytes."""
    await until(lambda: door.admission.body_bytes == number)


async def test_a_body_that_arrives_in_parts_is_read_whole_and_the_connection_stays(door: Door) -> None:
    raw = await door.connect()
    for _ in range(2):
        await raw.send(head(300_000) + b"a" * 100_000)
        await asyncio.sleep(0)
        await raw.send(b"a" * 200_000)
        assert await raw.answer() == (201, b"300000")
    assert door.admission.body_bytes == 0


async def test_an_answer_before_the_body_arrives_whole_and_ends_the_connection(door: Door) -> None:
    raw = await door.connect()
    await raw.send(head(25_000_000, "/refused") + b"a" * 1000)
    assert await raw.answer() == (201, b"not read")
    assert await raw.rest() == b""
    door.pass_seconds(LINGER_SECONDS + 1)
    with pytest.raises(ConnectionError):
        await raw.send(b"a" * 24_999_000)
    assert door.admission.body_bytes == 0


async def test_a_client_that_sends_its_whole_body_first_still_gets_the_answer(door: Door) -> None:
    raw = await door.connect()
    await raw.send(head(200_000, "/refused"))
    await raw.send(b"a" * 200_000)
    assert await raw.answer() == (201, b"not read")


async def test_a_body_is_asked_for_only_by_who_reads_it(door: Door) -> None:
    raw = await door.connect()
    await raw.send(head(3, more="Expect: 100-continue\r\n"))
    assert await raw.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await raw.send(b"abc")
    assert await raw.answer() == (201, b"3")
    raw = await door.connect()
    await raw.send(head(3, "/refused", more="Expect: 100-continue\r\n"))
    assert (await raw.answer())[0] == 201


async def test_a_body_that_stops_is_refused_in_the_end(door: Door) -> None:
    raw = await door.connect()
    await raw.send(head(1_000_000) + b"a" * 1000)
    await held(door, 1000)
    door.pass_seconds(BODY_GRACE_SECONDS + 1)
    assert (await raw.answer())[0] == 408
    assert door.refusals() == {"slow_body": 1}


async def test_no_body_may_take_longer_than_the_limit(door: Door) -> None:
    raw = await door.connect()
    await raw.send(head(1_000_000) + b"a" * 200_000)
    await held(door, 200_000)
    door.pass_seconds(BODY_SECONDS)
    assert door.refusals() == {}
    door.pass_seconds(1)
    assert (await raw.answer())[0] == 408


async def test_chunks_of_a_byte_are_refused_and_chunks_of_a_hundred_are_not(door: Door) -> None:
    raw = await door.connect()
    await raw.send(CHUNKED + b"1\r\na\r\n" * 1000)
    assert (await raw.answer())[0] == 400
    assert door.refusals() == {"small_pieces": 1}
    raw = await door.connect()
    await raw.send(CHUNKED + (b"64\r\n" + b"a" * 100 + b"\r\n") * 1000 + b"0\r\n\r\n")
    assert await raw.answer() == (201, b"100000")


@pytest.mark.parametrize("framing", [b"1;" + b"a" * 200_000, b"0\r\nX-Trailer: " + b"a" * 200_000])
async def test_extensions_and_trailers_without_end_are_refused(door: Door, framing: bytes) -> None:
    raw = await door.connect()
    await raw.send(CHUNKED)
    for start in range(0, len(framing), 50_000):
        await raw.send(framing[start : start + 50_000])
    assert (await raw.answer())[0] == 431
    assert door.refusals() == {"much_framing": 1}


async def test_many_trailers_are_refused_and_never_become_headers(door: Door) -> None:
    raw = await door.connect()
    await raw.send(CHUNKED + b"0\r\n" + b"".join(b"X-%d: 1\r\n" % each for each in range(102)))
    assert (await raw.answer())[0] == 431


async def test_one_address_may_have_only_so_many_bytes_under_way() -> None:
    async with door_of(Limits(body_bytes=300_000, body_bytes_of_address=200_000)) as door:
        first, second = await door.connect(), await door.connect()
        await first.send(head(500_000) + b"a" * 150_000)
        await held(door, 150_000)
        await second.send(head(500_000) + b"a" * 60_000)
        status, body = await second.answer()
        assert (status, b"this address" in body) == (429, True)
        other = await door.connect("127.0.0.2")
        await other.send(head(100_000) + b"a" * 100_000)
        assert await other.answer() == (201, b"100000")
        assert door.refusals() == {"many_body_bytes_of_address": 1}


async def test_a_process_holds_only_so_many_bytes_of_all_addresses() -> None:
    async with door_of(Limits(body_bytes=300_000, body_bytes_of_address=200_000)) as door:
        raws = [await door.connect(f"127.0.0.{each}") for each in (1, 2, 3)]
        for number, raw in enumerate(raws[:2], 1):
            await raw.send(head(500_000) + b"a" * 140_000)
            await held(door, number * 140_000)
        await raws[2].send(head(500_000) + b"a" * 60_000)
        head_of_answer = await raws[2].reader.readuntil(b"\r\n\r\n")
        assert head_of_answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 5" in head_of_answer
        raws[0].writer.transport.abort()
        await held(door, 140_000)
