"""Answers over a real socket: whole, in order, and of one write each."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from litestar import Litestar, get
from litestar.response import Stream

from service.http.joined_writes import JoinedWrites, JoiningProtocol

LARGE = "x" * 3_000_000


@get("/{number:int}")
async def numbered(number: int) -> str:
    await asyncio.sleep(0.001 * (number % 3))
    return str(number)


@get("/large")
async def large() -> str:
    return LARGE


@get("/stream")
async def stream() -> Stream:
    async def parts() -> AsyncIterator[str]:
        for part in ("one ", "two ", "three"):
            yield part
            await asyncio.sleep(0.01)

    return Stream(parts())


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server that writes as the service does."""
    app = Litestar([numbered, large, stream])
    server = uvicorn.Server(uvicorn.Config(app, http=JoiningProtocol, log_config=None, lifespan="on"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await running


async def test_every_answer_on_a_connection_is_whole_and_its_own(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        for number in range(20):
            assert (await client.get(f"/{number}")).text == str(number)
        assert (await client.get("/large")).text == LARGE
        assert (await client.get("/stream")).text == "one two three"
        together = await asyncio.gather(*(client.get(f"/{number}") for number in range(30)))
    assert [answer.text for answer in together] == [str(number) for number in range(30)]


async def test_an_answer_after_which_the_connection_closes_arrives_first(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, headers={"Connection": "close"}, trust_env=False) as client:
        assert (await client.get("/7")).text == "7"
        assert (await client.get("/large")).text == LARGE


async def test_what_is_written_together_is_one_write() -> None:
    written: list[bytes] = []

    class Transport(asyncio.Transport):
        def is_closing(self) -> bool:
            return b"closed" in written

        def write(self, data: bytes) -> None:  # type: ignore[override]
            written.append(data)

        def close(self) -> None:
            written.append(b"closed")

    transport = JoinedWrites(Transport(), asyncio.get_running_loop())
    transport.write(b"head ")
    transport.write(b"body")
    await asyncio.sleep(0)
    transport.write(b"last")
    transport.close()
    await asyncio.sleep(0)
    assert written == [b"head body", b"last", b"closed"]
    transport.write(b"too late")
    await asyncio.sleep(0)
    assert written[-1] == b"closed"
