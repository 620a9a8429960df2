"""Intake at top speed in a separate process while a worker folds: the number of waiting events."""

import asyncio
import multiprocessing
import time
from dataclasses import dataclass
from itertools import islice

from schema.database import Database
from service.telemetry.store.rows import save
from tests.benchmarks.intake.traffic import bodies
from workers.context import WorkerContext
from workers.jobs.fold_token_events import fold_token_events

TEAM_LIMIT = 100
GROUP = 20
PREPARED = 400
SEED = 2
PAUSE = 0.1
# How many more events may wait late than early before the backlog counts as growing.
GROWTH = 60_000
IN_ALL = "SELECT coalesce(sum(events), 0)::bigint FROM intake_batch WHERE organization_id = $1"
WAITING = f"{IN_ALL} AND state <> 'processed'"


@dataclass(frozen=True, slots=True)
class Poured:
    """The maximum of waiting events in the first and in the second half of the time."""

    seconds: float
    events_per_second: float
    early_backlog: int
    late_backlog: int
    drained_seconds: float

    @property
    def is_growing(self) -> bool:
        """Return whether the backlog grows by more than chance."""
        return self.late_backlog > self.early_backlog + GROWTH

    def __str__(self) -> str:
        return (
            f"During intake at {self.events_per_second:,.0f} events/s for {self.seconds:.0f} s"
            f" at most {self.early_backlog:,} events waited early and {self.late_backlog:,} late;"
            f" {self.drained_seconds:.1f} s after the end the backlog was empty."
        )


async def pour(context: WorkerContext, organization_id: int, seconds: float) -> Poured:
    """Store events for `seconds`, and fold them as they arrive."""
    process = multiprocessing.get_context("spawn").Process(
        target=_take_in, args=(context.settings.database_url, organization_id, seconds)
    )
    before = await _count(context, organization_id, IN_ALL)
    process.start()
    waiting: list[tuple[float, int]] = []
    watching = asyncio.create_task(_watch(context, organization_id, waiting))
    while process.is_alive():
        await fold_token_events(context, organization_id)
        await asyncio.sleep(PAUSE)
    ended = time.monotonic()
    await fold_token_events(context, organization_id)
    drained = time.monotonic() - ended
    watching.cancel()
    began = next((at for at, events in waiting if events), ended - seconds)
    middle = began + seconds / 2
    events = await _count(context, organization_id, IN_ALL) - before
    return Poured(
        seconds,
        events / seconds,
        max((events for at, events in waiting if at < middle), default=0),
        max((events for at, events in waiting if at >= middle), default=0),
        drained,
    )


async def _watch(context: WorkerContext, organization_id: int, waiting: list[tuple[float, int]]) -> None:
    while True:
        waiting.append((time.monotonic(), await _count(context, organization_id, WAITING)))
        await asyncio.sleep(PAUSE)


async def _count(context: WorkerContext, organization_id: int, statement: str) -> int:
    async with context.database.organization(organization_id) as tenant:
        count: int = await tenant.fetchval(statement)
        return count


def _take_in(database_url: str, organization_id: int, seconds: float) -> None:
    asyncio.run(_save_for(database_url, organization_id, seconds))


async def _save_for(database_url: str, organization_id: int, seconds: float) -> None:
    database = Database(database_url)
    await database.open()
    prepared = list(bodies(PREPARED * 1000, seed=SEED))
    reported = iter(prepared)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and (requests := list(islice(reported, GROUP))):
        await save(database, organization_id, requests, TEAM_LIMIT)
    await database.close()
