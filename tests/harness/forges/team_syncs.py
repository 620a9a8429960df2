"""An organization with team sync: switches it on, requests it, runs workers, and reads what changed."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from schema.database import Database
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.record_team_changes import record_team_changes
from workers.jobs.sync_teams import sync_teams

_BE_DUE = """
UPDATE team_sync SET next_attempt_at = now() WHERE organization_id = $1 AND enabled AND next_attempt_at > now()
"""


@dataclass
class TeamSyncs:
    """Team syncs; the worker's context can reach the fake forges."""

    client: httpx.AsyncClient
    organization: Organization
    database: Database
    context: WorkerContext

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.client.request(method, f"/api/v1/{path}", json=body, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def switch(self, connection: str, enabled: bool = True, status: int = 204, **more: Any) -> Any:
        return await self.ask("PUT", f"connections/{connection}/team-sync", {"enabled": enabled, **more}, status)

    async def work(self) -> None:
        await sync_teams(self.context, self.organization.organization_id)

    async def run(self) -> dict[str, Any]:
        """Sync now if it is on; return the result."""
        await self.ask("POST", "team-syncs", {}, 202)
        await self.work()
        return await self.show()

    async def dry_run(self) -> dict[str, Any]:
        await self.ask("POST", "team-syncs", {"dry_run": True}, 202)
        await self.work()
        return await self.show()

    async def next_day(self) -> None:
        """Make the sync due, as if a day had passed."""
        async with self.database.organization(self.organization.organization_id) as tenant:
            await tenant.execute(_BE_DUE)

    async def show(self) -> dict[str, Any]:
        [shown] = (await self.ask("GET", "team-syncs"))["items"]
        return shown

    async def sizes(self) -> dict[str, int | None]:
        return {each["name"]: each["size"] for each in await self.teams()}

    async def teams(self) -> list[dict[str, Any]]:
        return (await self.ask("GET", "teams"))["items"]

    async def set(self, name: str, **reported: Any) -> None:
        answer = await self.client.post(
            "/api/v1/teams", json={"name": name, **reported}, headers=self.organization.headers
        )
        assert answer.is_success, answer.text
        await self.record_changes()

    async def record_changes(self) -> None:
        await record_team_changes(self.context, self.organization.organization_id)

    async def repositories(self) -> dict[str, int]:
        """Return the number of repositories of each team that has any."""
        return {each["name"]: len(each["repositories"]) for each in await self.teams() if each["repositories"]}

    async def teams_of_pull_requests(self) -> list[str]:
        """Return the teams of pull requests, newest first."""
        reported = await self.ask("GET", "attributions?merged_from=2000-01-01T00:00:00Z")
        return [item["team"] for item in reported["items"]]

    async def rows(self, query: str) -> list[asyncpg.Record]:
        async with self.database.organization(self.organization.organization_id) as tenant:
            return await tenant.connection.fetch(query)
