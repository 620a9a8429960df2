"""Lets a worker enrich, without waiting as long as forges demand, and reads the rows."""

from dataclasses import dataclass

import asyncpg

from schema.database import Database
from tests.harness.forges.clock import QuickClock
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.enrich import enrich

_NEXT = "SELECT min(next_attempt_at) FROM enrichment WHERE organization_id = $1 AND state = 'waiting'"
_BE_DUE = "UPDATE enrichment SET next_attempt_at = now() WHERE organization_id = $1 AND state = 'waiting'"
_ROWS = "SELECT * FROM enrichment WHERE organization_id = $1 ORDER BY subject, artifact_id"


@dataclass
class Enrichments:
    """The enrichment job of one organization; the worker's context can reach the fake forges."""

    organization: Organization
    database: Database
    context: WorkerContext
    clock: QuickClock

    async def work(self) -> None:
        """Work until nothing is due, or the job's turn ends."""
        await enrich(self.context, self.organization.organization_id)

    async def finish(self) -> list[asyncpg.Record]:
        """Work until no row waits, skipping the time that the forge demands; return the rows."""
        for _ in range(1000):
            await self.work()
            async with self.database.organization(self.organization.organization_id) as tenant:
                due = await tenant.fetchval(_NEXT)
                if due is None:
                    return await self.rows()
                self.clock.reach(due)
                await tenant.execute(_BE_DUE)
        raise AssertionError("the enrichment does not end")

    async def rows(self) -> list[asyncpg.Record]:
        async with self.database.organization(self.organization.organization_id) as tenant:
            return await tenant.fetch(_ROWS)
