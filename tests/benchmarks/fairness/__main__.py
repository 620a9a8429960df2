"""The slowest answer of an honest organization while another one sends all it can.

    .venv/bin/python -m tests.benchmarks.fairness [--attack NAME] [--seconds 8] [--json]

For each attack a service and a worker are started as usual, and one process sends it again and again for some seconds
over many connections, with a key of its own organization. Meanwhile the honest organization sends small requests one
after another: telemetry plain and compressed, a webhook, token events, a page of its spend and its teams. `jobs` is the
age of its oldest token event or webhook that a worker has not processed. Exits with 1 if anything takes a second.
"""

import asyncio
import gzip
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
import click
import httpx

from schema.database import Database
from tests.benchmarks.fairness.attacks import ATTACKS
from tests.benchmarks.intake.measure import DATABASE, MASTER_SECRET, make_database
from tests.benchmarks.reads.servers import Server, serving
from tests.benchmarks.webhooks.requests import bodies
from tests.harness.organization import Organization, make_organization
from tests.harness.otlp import as_protobuf, claude_logs, claude_request
from tests.harness.servers import postgres, redis_server, url_of
from tests.harness.webhooks import github_signature

BAR_SECONDS = 1.0
# After its time an attack waits this long for the answers of requests under way.
GRACE_SECONDS = 20.0
START_SECONDS = 120
OLDEST = """
    SELECT coalesce(extract(epoch FROM max(now() - received_at)), 0)::float8 FROM (
        SELECT received_at FROM intake_batch WHERE organization_id = $1 AND state = 'waiting'
        UNION ALL SELECT received_at FROM delivery WHERE organization_id = $1 AND state = 'waiting'
    ) AS waiting
"""


@dataclass(slots=True)
class Slowest:
    """The slowest answer of each kind in seconds, how many there were, and the attack's answers by status."""

    seconds: dict[str, float] = field(default_factory=dict)
    answers: int = 0
    failed: int = 0
    memory: float = 0.0
    hostile: dict[str, int] = field(default_factory=dict)

    def note(self, name: str, seconds: float) -> None:
        self.seconds[name] = max(self.seconds.get(name, 0.0), seconds)


def honest_requests(client: httpx.Client, organization: Organization) -> dict[str, Callable[[], httpx.Response]]:
    """Return the small requests of the honest organization."""
    made = client.post("/api/v1/connections", json={"forge": "github"}, headers=organization.headers).json()
    (payload,) = bodies(1, 5_000)
    protobuf = {**organization.headers, "Content-Type": "application/x-protobuf"}

    def webhook() -> httpx.Response:
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": github_signature(made["secret"], payload),
        }
        return client.post(f"/webhooks/github/{made['id']}", content=payload, headers=headers)

    def logs() -> bytes:
        return as_protobuf(claude_logs(claude_request(sequence=time.time_ns() % 10**9)))

    def event() -> httpx.Response:
        at, tokens = datetime.now(UTC).isoformat(), {"input_uncached": 1}
        item = {"event_id": str(uuid.uuid4()), "occurred_at": at, "source": "honest", "tokens": tokens}
        return client.post("/api/v1/token-events", json={"items": [item]}, headers=organization.headers)

    return {
        "telemetry": lambda: client.post("/v1/logs", content=logs(), headers=protobuf),
        "telemetry, gzip": lambda: client.post(
            "/v1/logs", content=gzip.compress(logs()), headers={**protobuf, "Content-Encoding": "gzip"}
        ),
        "webhook": webhook,
        "token events": event,
        "spend": lambda: client.get("/api/v1/spend", headers=organization.headers),
        "teams": lambda: client.get("/api/v1/teams", headers=organization.headers),
    }


def measure(
    name: str, server: Server, socket_folder: str, pair: tuple[Organization, Organization], seconds: float
) -> Slowest:
    """Attack for some seconds, and note how long the honest requests take."""
    hostile, honest = pair
    slowest = Slowest()
    command = [sys.executable, "-m", "tests.benchmarks.fairness.hostile", name, str(server.port), hostile.key]
    first = time.time_ns() // 10**9 % 10**6
    attack = subprocess.Popen(
        [*command, str(seconds), str(first)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert attack.stdin is not None
    assert attack.stdout is not None
    if attack.stdout.readline() != "ready\n":
        raise RuntimeError(f"the process of the attack {name} did not start")
    is_over = threading.Event()
    watching = threading.Thread(target=lambda: asyncio.run(watch(socket_folder, server, honest, slowest, is_over)))
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=60) as client:
        requests = honest_requests(client, honest)
        for send in requests.values():
            send()
        # A worker that has just started reads its price list first.
        asyncio.run(all_processed(socket_folder, honest))
        watching.start()
        attack.stdin.write("\n")
        attack.stdin.flush()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for kind, send in requests.items():
                began = time.monotonic()
                slowest.failed += not is_answered(send)
                slowest.note(kind, time.monotonic() - began)
                slowest.answers += 1
    # Of the rows that came last, how long they wait still counts.
    time.sleep(BAR_SECONDS)
    is_over.set()
    watching.join()
    slowest.hostile = answers_of(attack)
    return slowest


def is_answered(send: Callable[[], httpx.Response]) -> bool:
    """Return whether an honest request succeeds."""
    try:
        return send().is_success
    except httpx.TransportError:
        return False


def answers_of(attack: subprocess.Popen[str]) -> dict[str, int]:
    """Return the answers of an attack by status; end one that still waits for answers."""
    try:
        lines = attack.communicate(timeout=GRACE_SECONDS)[0].splitlines()
    except subprocess.TimeoutExpired:
        attack.kill()
        lines = attack.communicate()[0].splitlines()
    return json.loads(lines[-1]) if lines else {}


async def all_processed(socket_folder: str, honest: Organization) -> None:
    """Wait until nothing of the honest organization waits for a worker."""
    connection = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
    for _ in range(START_SECONDS * 10):
        if not await connection.fetchval(OLDEST, honest.organization_id):
            break
        await asyncio.sleep(0.1)
    await connection.close()


async def watch(
    socket_folder: str, server: Server, honest: Organization, slowest: Slowest, is_over: threading.Event
) -> None:
    """Note the age of the honest organization's oldest unprocessed row, and the memory of the service."""
    connection = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
    while not is_over.is_set():
        slowest.note("jobs", await connection.fetchval(OLDEST, honest.organization_id))
        slowest.memory = max(slowest.memory, server.process.memory_info().rss / 2**20)
        await asyncio.sleep(0.05)
    await connection.close()


async def make_pair(socket_folder: str) -> tuple[Organization, Organization]:
    """Create the hostile and the honest organization."""
    await make_database(socket_folder)
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    try:
        first = await make_organization(database, MASTER_SECRET, "hostile")
        return first, await make_organization(database, MASTER_SECRET, "honest")
    finally:
        await database.close()


@contextmanager
def working(environment: dict[str, str]) -> Iterator[None]:
    """Run a worker process."""
    process = subprocess.Popen([sys.executable, "-m", "workers.main"], env={**os.environ, **environment})
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--attack", "names", multiple=True, type=click.Choice(list(ATTACKS)), help="Attack; may be repeated.")
@click.option("--seconds", default=8.0, show_default=True, help="Seconds of each attack.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(*, names: tuple[str, ...], seconds: float, as_json: bool) -> None:
    """Measure how long one organization delays another."""
    found: dict[str, dict[str, object]] = {}
    is_missed = False
    with postgres() as socket_folder, redis_server() as redis_url:
        pair = asyncio.run(make_pair(socket_folder))
        environment = {
            "DATABASE_URL": url_of(socket_folder, DATABASE),
            "REDIS_URL": redis_url,
            "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
            "SHIPLEDGER_LOG_LEVEL": "error",
        }
        for name in names or ATTACKS:
            with serving("service.server", environment, "/health/ready") as server, working(environment):
                slowest = measure(name, server, socket_folder, pair, seconds)
                worst = max(slowest.seconds.values())
                is_missed |= worst >= BAR_SECONDS or bool(slowest.failed)
                found[name] = {
                    "slowest_seconds": {kind: round(each, 2) for kind, each in slowest.seconds.items()},
                    "answers": slowest.answers,
                    "failed": slowest.failed,
                    "service_megabytes": round(slowest.memory),
                    "hostile_answers": slowest.hostile,
                }
                if not as_json:
                    mark = "ok    " if worst < BAR_SECONDS and not slowest.failed else "MISSED"
                    click.echo(f"{mark} {name}: {json.dumps(found[name])}")
    if as_json:
        click.echo(json.dumps({"bar_seconds": BAR_SECONDS, "attacks": found, "missed": is_missed}))
    sys.exit(int(is_missed))


if __name__ == "__main__":
    main()
