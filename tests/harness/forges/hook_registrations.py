"""Registers hooks at a fake GitLab over local HTTP, and runs the worker for them."""

from dataclasses import dataclass
from typing import Any

import httpx

from schema.database import Database
from tests.harness.forges.gitlab import TOKEN, FakeGitlab
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.process_deliveries import process_deliveries
from workers.jobs.register_hooks import register_hooks

_BE_DUE = "UPDATE hook_registration SET next_attempt_at = now() WHERE organization_id = $1"


@dataclass
class HookRegistrations:
    """Registrations at GitLab's `url`; hooks send to `service`."""

    organization: Organization
    database: Database
    fake: FakeGitlab
    url: str
    service: str
    context: WorkerContext

    async def ask(self, method: str, path: str, status: int, **more: Any) -> Any:
        async with httpx.AsyncClient(base_url=self.service, headers=self.organization.headers) as client:
            answer = await client.request(method, f"/api/v1/{path}", **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def begin(self, status: int = 202, **fields: Any) -> Any:
        body = {"base_url": self.url, "token": TOKEN, **fields}
        reported = {name: value for name, value in body.items() if value is not None}
        return await self.ask("POST", "registrations", status, json=reported)

    async def work(self) -> None:
        """Work on every registration, as if it were due."""
        async with self.database.organization(self.organization.organization_id) as tenant:
            await tenant.execute(_BE_DUE)
        await register_hooks(self.context, self.organization.organization_id)

    async def process(self) -> None:
        await process_deliveries(self.context, self.organization.organization_id)

    async def show(self, begun: dict[str, Any]) -> dict[str, Any]:
        return await self.ask("GET", f"registrations/{begun['id']}", 200)

    async def register(self, **fields: Any) -> dict[str, Any]:
        """Request a registration, run the worker, and return the result."""
        begun = await self.begin(**fields)
        await self.work()
        return await self.show(begun)

    async def connections(self) -> list[dict[str, Any]]:
        return (await self.ask("GET", "connections", 200))["items"]
