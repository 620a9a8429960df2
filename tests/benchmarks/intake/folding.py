"""Events per second from a backlog into windows by one worker process, and the backlog during intake at top speed."""

import gc
import os
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import asyncpg
import uvloop

from schema.database import Database
from schema.interpreter import collect_rarely, switch_often
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from service.telemetry.store.rows import save
from tests.benchmarks.intake.measure import DATABASE, MASTER_SECRET, make_database
from tests.benchmarks.intake.pouring import Poured, pour
from tests.benchmarks.intake.traffic import bodies
from tests.harness.organization import make_organization
from tests.harness.servers import ROLES, postgres, redis_server, url_of
from tests.harness.settings import make_settings
from workers.context import WorkerContext
from workers.jobs.fold_token_events import fold_token_events
from workers.main import GARBAGE

BAR = 150_000
TEAM_LIMIT = 100
GROUP = 20
MEMORY = ("shared_buffers = '1GB'", "max_wal_size = '8GB'")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Folded:
    """A backlog folded by one process: in elapsed time, and in CPU time of the process and its database.

    Other programs on the machine affect only the first.
    """

    events: int
    windows: int
    sessions: int
    seconds: float
    working_seconds: float

    @property
    def events_per_second(self) -> float:
        """Return events per elapsed second."""
        return self.events / self.seconds

    @property
    def events_per_working_second(self) -> float:
        """Return events per CPU second."""
        return self.events / self.working_seconds

    @property
    def is_missed(self) -> bool:
        """Return whether the bar is missed."""
        return self.events_per_working_second < BAR

    def __str__(self) -> str:
        return (
            f"Folded: {self.events:,} events of {self.sessions:,} sessions into {self.windows:,} windows:"
            f" {self.events_per_second:,.0f}/s of elapsed time,"
            f" {self.events_per_working_second:,.0f}/s of CPU time (bar {BAR:,})."
        )


def measure(events: int, seconds: float) -> tuple[Folded, Poured | None]:
    """Fold a backlog, then fold for `seconds` (0 for none) during intake at top speed, on separate servers.

    Event loop and garbage collector are set as in a worker.
    """
    with postgres(*MEMORY) as socket_folder, redis_server() as redis_url:
        return uvloop.run(_measure(socket_folder, redis_url, events, seconds))


async def _measure(socket_folder: str, redis_url: str, events: int, seconds: float) -> tuple[Folded, Poured | None]:
    await make_database(socket_folder)
    # As a worker.
    url = url_of(socket_folder, DATABASE, ROLES.sweep)
    database = Database(url)
    await database.open()
    queue = Queue(redis_url)
    try:
        organization = await make_organization(database, MASTER_SECRET)
        settings = make_settings(database_url=url, redis_url=redis_url, secret_key=MASTER_SECRET)
        context = WorkerContext(settings, database, queue, OrganizationKeys(database, KeyRing.of(MASTER_SECRET)))
        reported = bodies(events)
        while requests := list(islice(reported, GROUP)):
            await save(database, organization.organization_id, requests, TEAM_LIMIT)
        administration = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
        await administration.execute("VACUUM")
        folded = await _fold(administration, context, organization.organization_id, events)
        await administration.close()
        poured = await pour(context, organization.organization_id, seconds) if seconds else None
    finally:
        await queue.close()
        await database.close()
    return folded, poured


async def _fold(
    administration: asyncpg.Connection, context: WorkerContext, organization_id: int, events: int
) -> Folded:
    # The backlog was created in this process and left garbage that a worker would not have.
    gc.collect()
    collect_rarely(GARBAGE)
    switch_often()
    before = await _worked(administration)
    began = time.perf_counter()
    await fold_token_events(context, organization_id)
    seconds = time.perf_counter() - began
    worked = await _worked(administration) - before
    counted, windows = await administration.fetchrow("SELECT sum(requests)::bigint, count(*) FROM token_window")
    if counted != events:
        raise RuntimeError(f"{counted} of {events} events are in windows")
    sessions = await administration.fetchval("SELECT count(*) FROM session_trail")
    return Folded(events, windows, sessions, seconds, worked)


async def _worked(administration: asyncpg.Connection) -> float:
    """Return the CPU seconds of this process and of the database's connections."""
    rows = await administration.fetch("SELECT pid FROM pg_stat_activity WHERE datname = $1", DATABASE)
    return time.process_time() + sum(_processor_seconds(row["pid"]) for row in rows)


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS
