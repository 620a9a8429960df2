"""Starts backfills and lets a worker do them, without waiting as long as the forge demands."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from schema.database import Database
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import TOKEN
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.backfill import backfill

_BE_DUE = """
UPDATE backfill_step SET next_attempt_at = now()
 WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at > now() RETURNING 1
"""
_NEXT = "SELECT min(next_attempt_at) FROM backfill_step WHERE organization_id = $1 AND state = 'waiting'"


@dataclass
class Backfills:
    """Asks the service for backfills and lets the worker do them, however long the forge makes it wait."""

    client: httpx.AsyncClient
    organization: Organization
    database: Database
    context: WorkerContext
    clock: QuickClock

    async def connect(self, forge: str, url: str, token: str | None = TOKEN) -> dict[str, Any]:
        body = {"forge": forge, "base_url": url, "token": token}
        return await self._post("connections", body, 201)

    async def begin(self, forge: str, status: int = 202, **fields: Any) -> Any:
        answer = await self._post("backfills", {"forge": forge, **fields}, status)
        return answer["items"][0] if status == 202 else answer

    async def work(self) -> None:
        """Work until nothing is due."""
        await backfill(self.context, self.organization.organization_id)

    async def finish(self, begun: dict[str, Any]) -> dict[str, Any]:
        """Work until the backfill is done, skipping the time that the forge demands."""
        for _ in range(1000):
            await self.work()
            if (shown := await self.show(begun))["finished_at"] is not None:
                return shown
            async with self.database.organization(self.organization.organization_id) as tenant:
                self.clock.reach(await tenant.fetchval(_NEXT))
                await tenant.execute(_BE_DUE)
        raise AssertionError("the backfill does not end")

    async def pause(self) -> None:
        """Let other tasks run."""
        await asyncio.sleep(0.02)

    async def end_leases(self) -> None:
        """Let every lease end, as if its time had passed."""
        async with self.database.organization(self.organization.organization_id) as tenant:
            await tenant.execute("UPDATE backfill_step SET leased_until = now() WHERE organization_id = $1")

    async def run(self, forge: str = "github", **fields: Any) -> dict[str, Any]:
        return await self.finish(await self.begin(forge, **fields))

    async def show(self, begun: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/backfills/{begun['id']}", headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def _post(self, path: str, body: Any, status: int) -> Any:
        answer = await self.client.post(f"/api/v1/{path}", json=body, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json()
