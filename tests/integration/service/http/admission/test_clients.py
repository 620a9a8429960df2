"""Connections, unread responses and requests of one address, directly and behind a proxy."""

import pytest

from service.http.admission.addresses import networks
from service.http.admission.limits import STALLED_SECONDS, Limits
from tests.integration.service.http.admission.conftest import Door, door_of, until

WHOLE = b"GET /small HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
UNREAD = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\na"


async def test_the_oldest_waiting_connection_makes_room_for_a_new_one() -> None:
    async with door_of(Limits(connections=8, connections_of_address=3)) as door:
        raws = [await door.connect() for _ in range(4)]
        assert await raws[0].rest() == b""
        for raw in raws[1:]:
            await raw.send(WHOLE)
            assert (await raw.answer())[0] == 200


async def test_a_new_connection_is_refused_if_all_others_of_its_address_are_busy() -> None:
    async with door_of(Limits(connections=8, connections_of_address=2)) as door:
        busy = [await door.connect() for _ in range(2)]
        for raw in busy:
            await raw.send(UNREAD)
        await until(lambda: door.admission.body_bytes == 2)
        raw = await door.connect()
        status, body = await raw.answer()
        assert (status, b"this address" in body) == (429, True)
        other = await door.connect("127.0.0.2")
        await other.send(WHOLE)
        assert (await other.answer())[0] == 200


async def test_the_address_with_the_most_connections_makes_room_for_others() -> None:
    async with door_of(Limits(connections=4, connections_of_address=4)) as door:
        raws = [await door.connect() for _ in range(4)]
        other = await door.connect("127.0.0.2")
        await other.send(WHOLE)
        assert (await other.answer())[0] == 200
        assert await raws[0].rest() == b""


async def test_a_client_that_does_not_read_is_cut_off(door: Door) -> None:
    raw = await door.connect()
    raw.writer.transport.pause_reading()
    await raw.send(LARGE)
    await _paused(door)
    door.pass_seconds(STALLED_SECONDS + 1)
    assert door.refusals() == {"slow_reader": 1}


async def test_a_client_that_never_takes_a_response_is_cut_off_after_closing(door: Door) -> None:
    raw = await door.connect()
    raw.writer.transport.pause_reading()
    await raw.send(LARGE.replace(b"Host: x", b"Connection: close"))
    await _paused(door)
    door.pass_seconds(STALLED_SECONDS + 1)
    await until(lambda: not door.server.server_state.connections)


async def test_strangers_must_wait_after_too_many_requests() -> None:
    async with door_of(Limits(requests_of_address=1)) as door:
        raw = await door.connect()
        statuses = []
        for _ in range(12):
            await raw.send(WHOLE)
            statuses.append((await raw.answer())[0])
        assert statuses == [*[200] * 11, 429]
        other = await door.connect("127.0.0.2")
        await other.send(WHOLE)
        assert (await other.answer())[0] == 200


@pytest.mark.parametrize(
    ("trusted", "seen"), [("", b"127.0.0.1"), ("127.0.0.0/8", b"203.0.113.9"), ("10.0.0.0/8", b"127.0.0.1")]
)
async def test_only_a_trusted_proxy_names_its_client(trusted: str, seen: bytes) -> None:
    async with door_of(Limits(trusted_proxies=networks(trusted))) as door:
        raw = await door.connect()
        await raw.send(WHOLE.replace(b"Host: x", b"X-Forwarded-For: 198.51.100.1, 203.0.113.9"))
        assert await raw.answer() == (200, seen)


async def test_clients_behind_a_trusted_proxy_are_counted_one_by_one() -> None:
    limits = Limits(trusted_proxies=networks("127.0.0.1"), requests_of_address=1, connections_of_address=1)
    async with door_of(limits) as door:
        raws = [await door.connect() for _ in range(3)]
        for raw in raws:
            for _ in range(11):
                await raw.send(WHOLE.replace(b"Host: x", b"X-Forwarded-For: 203.0.113.9"))
                status = (await raw.answer())[0]
        assert status == 429
        await raws[0].send(WHOLE.replace(b"Host: x", b"X-Forwarded-For: 203.0.113.10"))
        assert (await raws[0].answer())[0] == 200


async def test_the_port_for_prometheus_serves_nothing_else() -> None:
    async with door_of(Limits(), is_for_metrics=True) as door:
        raw = await door.connect()
        await raw.send(WHOLE.replace(b"/small", b"/metrics"))
        assert await raw.answer() == (200, b"figures")
        await raw.send(WHOLE)
        status, body = await raw.answer()
        assert (status, b"serves only /metrics" in body) == (404, True)


async def _paused(door: Door) -> None:
    await until(lambda: any(each.flow.write_paused for each in door.server.server_state.connections))
