"""A table that grows quickly is planned for as it is, before PostgreSQL looks at it by itself."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge
from workers.context import WorkerContext
from workers.jobs import process_deliveries as job
from workers.stores.upkeep.planner_statistics import refresh_statistics

FILL = """
INSERT INTO abbreviated_commit (organization_id, abbreviation, commit)
SELECT $1::bigint, sha256(number::text::bytea), sha256(number::text::bytea)
  FROM generate_series($2::int, $3::int) AS number
"""

Fill: TypeAlias = Callable[[int, int], Awaitable[None]]


@pytest.fixture
def fill(database: Database, organization: Organization) -> Fill:
    async def insert(first: int, last: int) -> None:
        async with database.organization(organization.organization_id) as tenant:
            await tenant.execute(FILL, first, last)

    return insert


async def rows_planned_for(database: Database) -> float:
    async with database.operator() as connection:
        return float(
            await connection.fetchval("SELECT reltuples FROM pg_class WHERE oid = 'abbreviated_commit'::regclass")
        )


async def test_statistics_are_taken_once_a_table_is_twice_as_large(database: Database, fill: Fill) -> None:
    assert await refresh_statistics(database) == []
    await fill(1, 2_000)
    assert await refresh_statistics(database) == ["abbreviated_commit"]
    assert await rows_planned_for(database) == 2_000
    await fill(2_001, 3_000)
    assert await refresh_statistics(database) == []
    await fill(3_001, 6_000)
    assert await refresh_statistics(database) == ["abbreviated_commit"]
    assert await rows_planned_for(database) == 6_000


async def test_a_backlog_takes_them_between_its_batches(
    monkeypatch: pytest.MonkeyPatch,
    worker_context: WorkerContext,
    organization: Organization,
    github: Forge,
    fill: Fill,
) -> None:
    monkeypatch.setattr(job, "BATCH", 1)
    await fill(1, 2_000)
    await github.deliver("pull_request__opened", "pull_request__merged")
    await job.process_deliveries(worker_context, organization.organization_id)
    assert await rows_planned_for(worker_context.database) >= 2_000
