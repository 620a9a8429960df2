"""Speed of storing rows by intake, and by COPY of the same rows into the same table.

A superuser runs COPY, without row-level security, look-ups, totals and batches.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median

import asyncpg
import uvloop

from schema.database import Database
from schema.interpreter import collect_rarely, switch_often
from service.http.event_packing import EventRow
from service.http.group_commit import COMMIT_ROWS
from service.server import GARBAGE
from service.telemetry.hashing.rows import IntakeRows
from service.telemetry.store.rows import save
from tests.benchmarks.intake.measure import DATABASE, MASTER_SECRET, make_database
from tests.benchmarks.intake.traffic import bodies
from tests.harness.organization import make_organization
from tests.harness.servers import postgres, url_of

BAR = 0.70
COLUMNS = (
    *("event_id", "occurred_at", "team_id", "source", "provider", "model", "workflow", "prompt_template"),
    *("context_tier", "session", "artifact", "number", "commit", "branch", "repository"),
    *("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning"),
    *("request", "duration_ms", "failed", "cache_write_1h", "service_tier", "web_searches", "code_executions"),
)
TEAM_LIMIT = 100
SIZE = 1000
# Bodies per commit: the maximum of intake.
GROUP = COMMIT_ROWS // SIZE


@dataclass(frozen=True, slots=True)
class Written:
    """Rows per second, medians over the turns, and the median ratio within a turn."""

    intake_rows_per_second: float
    copy_rows_per_second: float
    ratio: float
    turns: int
    rows_before: int

    @property
    def is_missed(self) -> bool:
        """Return whether the bar is missed."""
        return self.ratio < BAR

    def __str__(self) -> str:
        return (
            f"Rows stored: intake {self.intake_rows_per_second:,.0f}/s, COPY {self.copy_rows_per_second:,.0f}/s:"
            f" {self.ratio:.2f} of it (bar {BAR:.2f})."
        )


def measure(turns: int, rows_before: int) -> Written:
    """Measure commits as large as intake's, each way in turn, on a separate PostgreSQL with durable commits.

    Event loop and garbage collector are set as in the service, for both ways.
    """
    collect_rarely(GARBAGE)
    switch_often()
    with postgres("shared_buffers = '512MB'", "max_wal_size = '4GB'") as socket_folder:
        return uvloop.run(_measure(socket_folder, turns, rows_before))


async def _measure(socket_folder: str, turns: int, rows_before: int) -> Written:
    await make_database(socket_folder)
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    superuser = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
    try:
        organization = await make_organization(database, MASTER_SECRET)
        reported = bodies(rows_before + 2 * (turns + 1) * GROUP * SIZE, size=SIZE)
        before = rows_before // SIZE
        while before > 0 and (requests := list(islice(reported, min(before, 20)))):
            before -= len(requests)
            await save(database, organization.organization_id, requests, TEAM_LIMIT)
        pairs = []
        # The first turn is a warm-up.
        for turn in range(turns + 1):
            halves = [list(islice(reported, GROUP)) for _ in range(2)]
            pair = {}
            for is_intake in (True, False) if turn % 2 else (False, True):
                requests = halves.pop()
                began = time.perf_counter()
                if is_intake:
                    await save(database, organization.organization_id, requests, TEAM_LIMIT)
                else:
                    await _copy(superuser, organization.organization_id, organization.default_team_id, requests)
                pair[is_intake] = GROUP * SIZE / (time.perf_counter() - began)
            pairs.append(pair)
    finally:
        await superuser.close()
        await database.close()
    measured = pairs[1:]
    return Written(
        median(pair[True] for pair in measured),
        median(pair[False] for pair in measured),
        median(pair[True] / pair[False] for pair in measured),
        turns,
        rows_before,
    )


async def _copy(
    connection: asyncpg.Connection, organization_id: int, team_id: int, requests: Sequence[IntakeRows]
) -> None:
    records = [_record(organization_id, team_id, row) for request in requests for row in request.events]
    await connection.copy_records_to_table(
        "token_event", records=records, columns=["organization_id", "batch_id", *COLUMNS]
    )


def _record(organization_id: int, team_id: int, row: EventRow) -> tuple[object, ...]:
    reported = (row.event_id, row.occurred_at, team_id, *row[3:10], *row.links, *row.tokens)
    charged = (row.cache_write_1h, row.service_tier, row.web_searches, row.code_executions)
    return (organization_id, 0, *reported, row.request, row.duration_ms, row.failed, *charged)
