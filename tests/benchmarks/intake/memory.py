"""Memory of a service process under continuous telemetry."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import httpx

from schema.database import Database
from tests.benchmarks.intake.bodies import make_body
from tests.benchmarks.intake.measure import DATABASE, MASTER_SECRET, make_database
from tests.benchmarks.reads.servers import Server, serving
from tests.harness.organization import Organization, make_organization
from tests.harness.servers import ROLES, postgres, redis_server, url_of

SENDERS = 4
# Bodies are created in advance and sent repeatedly; there are enough that a body is sent again only much later.
BODIES = 400
EVERY_SECONDS = 1.0
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of the process: maximum, and medians of the second and the last fifth of the time."""

    minutes: float
    records: int
    peak: float
    early: float
    late: float

    @property
    def growth(self) -> float:
        """Return the ratio of the last fifth to the second; 1 means no growth."""
        return self.late / self.early


def measure(minutes: float, records: int) -> Memory:
    """Start a service as usual, and send it bodies of `records` from four senders."""
    with postgres() as socket_folder, redis_server() as redis_url:
        asyncio.run(make_database(socket_folder))
        organization = asyncio.run(make_sender(socket_folder))
        environment = {
            "DATABASE_URL": url_of(socket_folder, DATABASE, ROLES.application),
            "REDIS_URL": redis_url,
            "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
        }
        bodies = [make_body(seed, records) for seed in range(BODIES)]
        with serving("service.server", environment, "/health/ready") as server:
            return asyncio.run(_load(server, organization, bodies, minutes, records))


async def make_sender(socket_folder: str) -> Organization:
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    try:
        return await make_organization(database, MASTER_SECRET)
    finally:
        await database.close()


async def _load(
    server: Server, organization: Organization, bodies: Sequence[bytes], minutes: float, records: int
) -> Memory:
    until = time.monotonic() + minutes * 60
    waiting, sizes = itertools.cycle(bodies), []
    headers = {
        **organization.headers,
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "gzip",
    }

    async def send(client: httpx.AsyncClient) -> int:
        sent = 0
        while time.monotonic() < until:
            (await client.post("/v1/logs", content=next(waiting), headers=headers)).raise_for_status()
            sent += 1
        return sent

    async def watch() -> None:
        while time.monotonic() < until:
            sizes.append(_megabytes(server))
            await asyncio.sleep(EVERY_SECONDS)

    address = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:
        *sent, _ = await asyncio.gather(*(send(client) for _ in range(SENDERS)), watch())
    fifth = max(1, len(sizes) // 5)
    early, late = median(sizes[fifth : 2 * fifth] or sizes), median(sizes[-fifth:])
    return Memory(minutes, records * sum(number or 0 for number in sent), max(sizes), early, late)


def _megabytes(server: Server) -> float:
    processes = [server.process, *server.process.children(recursive=True)]
    return sum(process.memory_info().rss for process in processes) / MEGABYTE
