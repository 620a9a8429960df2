"""Telemetry of one organization over HTTP through one service process, and through two, in turns in one run.

Each sender waits for a response before it sends the next body. Two services get every other body, as behind a load
balancer; both store in one PostgreSQL with durable commits.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from statistics import median

import httpx

from tests.benchmarks.intake.bodies import make_body
from tests.benchmarks.intake.measure import DATABASE, MASTER_SECRET, make_database
from tests.benchmarks.intake.memory import make_sender
from tests.benchmarks.intake.ways import SENDERS
from tests.benchmarks.reads.servers import serving
from tests.harness.servers import ROLES, postgres, redis_server, url_of

BAR = 1.0


@dataclass(frozen=True, slots=True)
class Services:
    """Records per second, medians over the turns, and the median ratio within a turn."""

    one_records_per_second: float
    two_records_per_second: float
    ratio: float
    turns: int
    records: int

    @property
    def is_missed(self) -> bool:
        """Return whether the bar is missed."""
        return self.ratio < BAR

    def __str__(self) -> str:
        return (
            f"Over HTTP in bodies of {self.records:,}: one service {self.one_records_per_second:,.0f} records/s,"
            f" two {self.two_records_per_second:,.0f}/s: {self.ratio:.2f} of one (bar {BAR:.2f})."
        )


def measure(records: int, bodies: int, turns: int) -> Services:
    """Start two services as usual, and send `bodies` with `records` each to one and to both, in turns."""
    with postgres() as socket_folder, redis_server() as redis_url, ExitStack() as stack:
        asyncio.run(make_database(socket_folder))
        organization = asyncio.run(make_sender(socket_folder))
        environment = {
            "DATABASE_URL": url_of(socket_folder, DATABASE, ROLES.application),
            "REDIS_URL": redis_url,
            "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
        }
        servers = [stack.enter_context(serving("service.server", environment, "/health/ready")) for _ in range(2)]
        ports = [server.port for server in servers]
        # The first two turns are a warm-up of either service.
        rates = [_turn(number, ports, organization.headers, records, bodies) for number in range(-2, turns)][2:]
    return Services(
        median(one for one, _ in rates),
        median(two for _, two in rates),
        median(two / one for one, two in rates),
        turns,
        records,
    )


def _turn(number: int, ports: Sequence[int], headers: dict[str, str], records: int, bodies: int) -> tuple[float, float]:
    """Return the records per second of one service and of two. Each service is the one in every other turn."""
    rates = {}
    for count in (1, 2) if number % 2 else (2, 1):
        seed = (2 * number + count) * bodies
        reported = [make_body(seed + each, records) for each in range(bodies)]
        used = ports if count == 2 else [ports[number // 2 % 2]]
        began = time.perf_counter()
        asyncio.run(_send(reported, used, headers))
        rates[count] = records * bodies / (time.perf_counter() - began)
    return rates[1], rates[2]


async def _send(bodies: Sequence[bytes], ports: Sequence[int], headers: dict[str, str]) -> None:
    """Send bodies from as many senders as a collector has by default."""
    waiting = iter(zip(bodies, cycle(ports), strict=False))
    encoded = {**headers, "Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}

    async def send() -> None:
        for body, port in waiting:
            response = await client.post(f"http://127.0.0.1:{port}/v1/logs", content=body, headers=encoded)
            response.raise_for_status()

    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        await asyncio.gather(*(send() for _ in range(SENDERS)))
