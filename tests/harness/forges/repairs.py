"""An organization with webhooks over the network, and a worker that repairs missed ones."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from schema.database import Database
from tests.harness.bodies import Delivery
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.github_hooks import Hook
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.repair import repair
from workers.stores.forge.repairs import renew_checks

_BE_DUE = """
UPDATE repair_check SET next_attempt_at = CASE WHEN kind = $2 THEN now() ELSE now() + interval '1 day' END
 WHERE organization_id = $1
"""


@dataclass
class Repairs:
    """Hooks of the fake at `url`; `client` and hooks can reach the service."""

    client: httpx.AsyncClient
    organization: Organization
    database: Database
    context: WorkerContext
    fake: FakeGithub
    url: str

    async def connect(self, owner: str = "repos/octo/shop", token: str | None = TOKEN) -> tuple[dict[str, Any], Hook]:
        """Create a connection by hand, and its hook at GitHub."""
        body = {"forge": "github", "base_url": self.url, "token": token}
        answer = await self.client.post("/api/v1/connections", json=body, headers=self.organization.headers)
        assert answer.status_code == 201, answer.text
        return answer.json(), self.hook(answer.json(), owner)

    def hook(self, made: dict[str, Any], owner: str) -> Hook:
        """Add another hook that sends to a connection."""
        number = len(self.fake.hooks) + 1
        hook = Hook(number, made["webhook_url"], made["secret"], self.fake.clock, owner=owner)
        self.fake.hooks[number] = hook
        return hook

    async def send(self, hook: Hook, deliveries: list[Delivery], *, lost: int = 0) -> None:
        """Send deliveries; the first of every `lost` does not arrive."""
        for index, delivery in enumerate(deliveries):
            hook.is_cut_off = bool(lost) and index % lost == 0
            await asyncio.to_thread(hook.send, delivery)
        hook.is_cut_off = False

    async def work(self, kind: str) -> None:
        """Run only the checks of one kind, as if they were due."""
        async with self.database.organization(self.organization.organization_id) as tenant:
            await renew_checks(tenant)
            await tenant.execute(_BE_DUE, kind)
        await repair(self.context, self.organization.organization_id)

    async def shown(self, made: dict[str, Any], kind: str = "deliveries") -> dict[str, Any]:
        """Return a check of a connection as the service shows it."""
        answer = await self.client.get(f"/api/v1/connections/{made['id']}", headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        (found,) = [each for each in answer.json()["repairs"] if each["kind"] == kind]
        return found

    async def counts(self, made: dict[str, Any], kind: str = "deliveries") -> tuple[int, int, int, int]:
        """Return the numbers found, requested again, recovered, and still missing."""
        shown = await self.shown(made, kind)
        return shown["found"], shown["redelivery_requests"], shown["recovered"], shown["missing"]
