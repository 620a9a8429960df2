"""When days are reconciled, and by whom they are found."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg
import httpx
import pytest

from schema.database import Database
from schema.queue import Job
from tests.integration.service.api.billing.test_billing_charges import bill, charge
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.jobs.reconcile_days import reconcile_days
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]


async def is_due(context: WorkerContext, stored: StoredFacts) -> bool:
    async with context.database.operator() as connection:
        due = await find_due(connection, context.settings.refit_pause)
    return (Job.RECONCILE_DAYS, stored.organization.organization_id) in due


async def send(client: httpx.AsyncClient, stored: StoredFacts, *days: str) -> None:
    body = {"items": [bill(*(charge(first_day=day) for day in days), account=str(uuid.uuid4()))]}
    answer = await client.post("/api/v1/billing-charges", json=body, headers=stored.organization.headers)
    assert answer.status_code == 200, answer.text


async def test_without_bills_nothing_is_ever_due(
    stored: StoredFacts, drain: Drain, worker_context: WorkerContext
) -> None:
    await stored.event("one", 4)
    await drain()
    await stored.execute("UPDATE settlement SET settled_at = now() - interval '1 hour' WHERE organization_id = $1")
    assert not await is_due(worker_context, stored)
    assert await stored.fetch("SELECT * FROM reconciled_day WHERE organization_id = $1") == []


async def test_a_bill_and_later_a_settlement_make_days_due_until_they_are_reconciled(
    client: httpx.AsyncClient, stored: StoredFacts, drain: Drain, worker_context: WorkerContext
) -> None:
    await stored.event("one", 4)
    await drain()
    await send(client, stored, "2026-03-02", "2026-03-05")
    assert await is_due(worker_context, stored)
    await reconcile_days(worker_context, stored.organization.organization_id)
    assert not await is_due(worker_context, stored)
    days = await stored.fetch("SELECT DISTINCT day FROM reconciliation WHERE organization_id = $1 ORDER BY day")
    assert [row["day"] for row in days] == [date(2026, 3, 2), date(2026, 3, 5)]
    await stored.execute("UPDATE settlement SET settled_at = now() WHERE organization_id = $1")
    assert not await is_due(worker_context, stored), "it may be settled again at once"
    await stored.execute("UPDATE settlement SET settled_at = now() - interval '2 minutes' WHERE organization_id = $1")
    assert await is_due(worker_context, stored)
    await reconcile_days(worker_context, stored.organization.organization_id)
    assert not await is_due(worker_context, stored)


async def test_a_job_that_is_cut_off_is_done_again(
    client: httpx.AsyncClient, stored: StoredFacts, drain: Drain, worker_context: WorkerContext
) -> None:
    await stored.event("one", 4)
    await drain()
    await send(client, stored, "2026-03-02", "2026-03-05")
    await alter(stored.database, "ADD CONSTRAINT cut CHECK (day <> '2026-03-05')")
    with pytest.raises(asyncpg.CheckViolationError):
        await reconcile_days(worker_context, stored.organization.organization_id)
    assert await is_due(worker_context, stored)
    await alter(stored.database, "DROP CONSTRAINT cut")
    for _ in range(2):
        await reconcile_days(worker_context, stored.organization.organization_id)
        days = await stored.fetch("SELECT day, charged_output FROM reconciliation WHERE organization_id = $1")
        assert sorted(row["day"] for row in days if row["charged_output"]) == [date(2026, 3, 2), date(2026, 3, 5)]
    assert not await is_due(worker_context, stored)


async def alter(database: Database, change: str) -> None:
    async with database.operator() as connection:
        await connection.execute(f"ALTER TABLE reconciliation {change}")
