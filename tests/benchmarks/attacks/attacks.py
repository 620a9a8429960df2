"""What a client without a valid key may try: each function is the life of one connection, which is repeated."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024
BLOCK = b"a" * MEBIBYTE
HOST = "Host: service\r\n"
WRONG_KEY = "Authorization: Bearer sl1_1_" + "x" * 43 + "\r\n"
UNKNOWN = "/webhooks/github/1-" + "0" * 32
# How long a connection is held that does nothing.
HELD_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Target:
    """The attacked service: its port, and the path of a webhook connection whose secret is unknown."""

    port: int
    webhook: str


class Link:
    """A connection of an attacker."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes | str) -> None:
        """Send data, as quickly as the other side takes it."""
        self._writer.write(data.encode() if isinstance(data, str) else data)
        await self._writer.drain()

    async def wait(self) -> None:
        """Read until the other side ends the connection, at most for some seconds."""
        async with asyncio.timeout(HELD_SECONDS):
            while await self._reader.read(MEBIBYTE):
                pass

    async def answer(self) -> None:
        """Read the beginning of a response."""
        async with asyncio.timeout(HELD_SECONDS):
            await self._reader.read(65536)

    def stop_reading(self) -> None:
        """Read nothing more."""
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a transport that reads

    def close(self) -> None:
        """End the connection."""
        self._writer.transport.abort()


Attack = Callable[[Link, Target], Awaitable[None]]


def get(path: str, more: str = "", version: str = "1.1") -> str:
    """Return the head of a request."""
    return f"GET {path} HTTP/{version}\r\n{HOST}{more}\r\n"


def post(path: str, length: int, more: str = "") -> str:
    """Return the head of a request with a body."""
    return f"POST {path} HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"


def chunked(path: str, more: str = "") -> str:
    """Return the head of a request whose body comes in chunks."""
    return f"POST {path} HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n{more}\r\n"


async def endless_header(link: Link, _: Target) -> None:
    await link.send(f"GET /health/live HTTP/1.1\r\n{HOST}X-A: ")
    while True:
        await link.send(BLOCK)


async def many_headers(link: Link, _: Target) -> None:
    await link.send(f"GET /health/live HTTP/1.1\r\n{HOST}")
    while True:
        await link.send(b"a: b\r\n" * 10_000)


async def many_small_headers(link: Link, _: Target) -> None:
    while True:
        await link.send(get("/health/live", "a: b\r\n" * 90))
        await link.answer()


async def half_open(link: Link, _: Target) -> None:
    await link.send(f"POST /v1/logs HTTP/1.1\r\n{HOST}")
    await link.wait()


async def slow_head(link: Link, _: Target) -> None:
    await link.send(f"GET /health/live HTTP/1.1\r\n{HOST}X-A: ")
    while True:
        await asyncio.sleep(0.5)
        await link.send(b"a")


async def silent(link: Link, _: Target) -> None:
    await link.wait()


async def connect_and_leave(link: Link, _: Target) -> None:
    await link.send(b"G")


async def held_body(link: Link, _: Target) -> None:
    await link.send(post("/webhooks/github", 25 * MEBIBYTE))
    for _part in range(24):
        await link.send(BLOCK)
    await link.wait()


async def held_body_of_an_unknown_connection(link: Link, _: Target) -> None:
    await link.send(post(UNKNOWN, 25 * MEBIBYTE))
    for _part in range(24):
        await link.send(BLOCK)
    await link.wait()


async def held_signed_body(link: Link, target: Target) -> None:
    await link.send(post(target.webhook, 25 * MEBIBYTE, f"X-Hub-Signature-256: sha256={'0' * 64}\r\n"))
    for _part in range(24):
        await link.send(BLOCK)
    await link.wait()


async def wrongly_signed_body(link: Link, target: Target) -> None:
    await link.send(post(target.webhook, 24 * MEBIBYTE, f"X-Hub-Signature-256: sha256={'0' * 64}\r\n"))
    for _part in range(24):
        await link.send(BLOCK)
    await link.answer()


async def slow_body(link: Link, target: Target) -> None:
    await link.send(post(target.webhook, 25 * MEBIBYTE, f"X-Hub-Signature-256: sha256={'0' * 64}\r\n"))
    while True:
        await link.send(b"a" * 2000)
        await asyncio.sleep(1)


async def tiny_chunks(link: Link, target: Target) -> None:
    await link.send(chunked(target.webhook, f"X-Hub-Signature-256: sha256={'0' * 64}\r\n"))
    while True:
        await link.send(b"1\r\na\r\n" * 10_000)


async def small_chunks(link: Link, target: Target) -> None:
    await link.send(chunked(target.webhook, f"X-Hub-Signature-256: sha256={'0' * 64}\r\n"))
    while True:
        await link.send((b"40\r\n" + b"a" * 64 + b"\r\n") * 1000)


async def chunk_extension(link: Link, target: Target) -> None:
    await link.send(chunked(target.webhook, f"X-Hub-Signature-256: sha256={'0' * 64}\r\n") + "1;")
    while True:
        await link.send(BLOCK)


async def endless_trailer(link: Link, target: Target) -> None:
    await link.send(chunked(target.webhook, f"X-Hub-Signature-256: sha256={'0' * 64}\r\n") + "0\r\nX-A: ")
    while True:
        await link.send(BLOCK)


async def pipelined(link: Link, _: Target) -> None:
    while True:
        await link.send(get("/health/live") * 1000)


async def pipelined_in_order(link: Link, _: Target) -> None:
    while True:
        await link.send(get("/health/live") * 16)
        await link.answer()


async def unread_answers(link: Link, _: Target) -> None:
    link.stop_reading()
    for _request in range(1000):
        await link.send(get("/schema/openapi.json"))
        await asyncio.sleep(0.01)


async def large_answers(link: Link, _: Target) -> None:
    while True:
        await link.send(get("/schema/openapi.json"))
        await link.answer()


async def upload_with_a_wrong_key(link: Link, _: Target) -> None:
    await link.send(post("/v1/logs", 64 * MEBIBYTE, WRONG_KEY))
    for _part in range(64):
        await link.send(BLOCK)
    await link.answer()


async def upload_without_a_key(link: Link, _: Target) -> None:
    await link.send(chunked("/api/v1/token-events"))
    while True:
        await link.send(b"100000\r\n" + BLOCK + b"\r\n")


async def wrong_keys(link: Link, _: Target) -> None:
    for number in range(1_000_000):
        key = f"{id(link) % 10**12:012d}{number:031d}"
        await link.send(get("/api/v1/ledger", f"Authorization: Bearer sl1_1_{key}\r\n"))
        await link.answer()


async def wrong_links(link: Link, _: Target) -> None:
    for number in range(1_000_000):
        await link.send(get(f"/sign-in/1-{id(link) % 10**12:012d}{number:031d}"))
        await link.answer()


async def unknown_connections(link: Link, _: Target) -> None:
    for number in range(1_000_000):
        await link.send(post(f"/webhooks/github/1-{id(link) % 10**12:012d}{number:020d}", 2) + "{}")
        await link.answer()


async def readiness(link: Link, _: Target) -> None:
    while True:
        await link.send(get("/health/ready"))
        await link.answer()


async def pages(link: Link, _: Target) -> None:
    while True:
        await link.send(get("/sign-in"))
        await link.answer()


async def upgrades(link: Link, _: Target) -> None:
    await link.send(get("/health/live", "Connection: Upgrade\r\nUpgrade: websocket\r\n"))
    while True:
        await link.send(BLOCK)


async def old_version(link: Link, _: Target) -> None:
    await link.send(get("/health/live", "Connection: keep-alive\r\n", version="1.0"))
    await link.answer()


async def expect_continue(link: Link, _: Target) -> None:
    await link.send(post(UNKNOWN, 25 * MEBIBYTE, "Expect: 100-continue\r\n"))
    await link.wait()


async def not_http(link: Link, _: Target) -> None:
    await link.send(b"\x16\x03\x01\x02\x00" * 1000)
    await link.answer()


ATTACKS: dict[str, Attack] = {
    each.__name__: each
    for each in (
        endless_header,
        many_headers,
        many_small_headers,
        half_open,
        slow_head,
        silent,
        connect_and_leave,
        held_body,
        held_body_of_an_unknown_connection,
        held_signed_body,
        wrongly_signed_body,
        slow_body,
        tiny_chunks,
        small_chunks,
        chunk_extension,
        endless_trailer,
        pipelined,
        pipelined_in_order,
        unread_answers,
        large_answers,
        upload_with_a_wrong_key,
        upload_without_a_key,
        wrong_keys,
        wrong_links,
        unknown_connections,
        readiness,
        pages,
        upgrades,
        old_version,
        expect_continue,
        not_http,
    )
}
