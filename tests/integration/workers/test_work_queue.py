"""A row of work belongs to the worker that claimed it, until its transaction or its lease ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from schema.database import Database, Tenant
from tests.harness.organization import Organization
from tests.unit.workers.test_work_queue import every_queue
from workers.stores.teams.team_changes import QUEUE
from workers.work_queue import WorkQueue

_ADD = """
INSERT INTO team_change (organization_id, kind, subject, team_id, since)
SELECT $1, 'repository', subject, team_id, now() FROM team, unnest($2::bytea[]) AS subject
 WHERE organization_id = $1 AND is_default ORDER BY subject
"""


@pytest.fixture
async def rows(database: Database, organization: Organization, other_organization: Organization) -> list[int]:
    """Two waiting changes of the organization, by id, beside those of another."""
    for each in (organization, other_organization):
        async with database.organization(each.organization_id) as tenant:
            await tenant.execute(_ADD, [b"1", b"2"])
    async with database.organization(organization.organization_id) as tenant:
        found = await tenant.fetch("SELECT change_id FROM team_change WHERE organization_id = $1 ORDER BY change_id")
    return [row["change_id"] for row in found]


@asynccontextmanager
async def claimed(database: Database, organization: Organization, limit: int) -> AsyncIterator[list[int]]:
    async with database.organization(organization.organization_id) as tenant:
        yield [row["change_id"] for row in await QUEUE.claim(tenant, "change_id", limit=limit)]


@every_queue
async def test_each_kind_of_row_can_be_claimed(
    database: Database, organization: Organization, queue: WorkQueue
) -> None:
    arguments = [timedelta()] * len(queue.parameters)
    async with database.organization(organization.organization_id) as tenant:
        assert await queue.claim(tenant, "1", limit=1, arguments=arguments) == []


async def test_two_workers_never_claim_the_same_row(
    database: Database, organization: Organization, rows: list[int]
) -> None:
    async with claimed(database, organization, 1) as first, claimed(database, organization, 2) as second:
        assert (first, second) == (rows[:1], rows[1:])
    async with claimed(database, organization, 2) as again:
        assert again == rows


async def test_a_claim_finds_rows_of_its_own_organization_only(
    database: Database, organization: Organization, rows: list[int]
) -> None:
    async with claimed(database, organization, 100) as found:
        assert found == rows


async def test_a_completed_row_is_due_no_more(database: Database, organization: Organization, rows: list[int]) -> None:
    async with database.organization(organization.organization_id) as tenant:
        await QUEUE.complete(tenant, [(rows[0],)])
        assert await _due(tenant) == rows[1:]


async def _due(tenant: Tenant) -> list[int]:
    return [row["change_id"] for row in await QUEUE.peek(tenant, "change_id", limit=100)]
