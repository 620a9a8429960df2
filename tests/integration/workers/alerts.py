"""An organization with alerts and channels, and its API."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from schema.database import Database
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.deliver_alerts import deliver_alerts

TODAY = datetime.now(UTC).date()
_TEAMS = """
INSERT INTO team (organization_id, team_id, name, size) VALUES ($1, 1001, 'checkout', 8), ($1, 1002, 'web', 8)
"""
_ALERT = """
INSERT INTO alert (organization_id, kind, subject, team_id, began_on, found_on, usual_nano_usd, spent_nano_usd, cause,
                   sentence, link)
VALUES ($1, $2, $3::text, $4, $5, $5, 100000000000, 250000000000, 'model opus', 'Spend of ' || $3::text || ' rose.',
        '/spend?team=web')
RETURNING alert_id
"""


@dataclass
class Alerts:
    """Raises alerts as the watch does, sends them, and asks the API what came of it."""

    client: httpx.AsyncClient
    organization: Organization
    database: Database
    context: WorkerContext

    async def set_up(self) -> None:
        await self.execute(_TEAMS)

    async def execute(self, statement: str, *arguments: object) -> Any:
        async with self.database.organization(self.organization.organization_id) as tenant:
            return await tenant.fetchval(statement, *arguments)

    async def raise_alert(self, kind: str = "rise", subject: str = "team web", team_id: int = 1002) -> int:
        began_on = TODAY - timedelta(days=3)
        alert_id: int = await self.execute(_ALERT, kind, subject, team_id, began_on)
        return alert_id

    async def deliver(self, *, allow_private: bool = True, retry_base: timedelta = timedelta()) -> None:
        """Run the job. Without `allow_private` it reaches no receiver of the tests."""
        settings = self.context.settings.model_copy(
            update={
                "allow_private_hosts": allow_private,
                "retry_base": retry_base,
                "public_url": "https://shipledger.example.com",
            }
        )
        await deliver_alerts(replace(self.context, settings=settings), self.organization.organization_id)

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.client.request(method, f"/api/v1/{path}", json=body, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def add(self, kind: str, **fields: Any) -> Any:
        return await self.ask("POST", "alert-channels", {"kind": kind, **fields}, 201)

    async def sent(self, **query: Any) -> list[dict[str, Any]]:
        """All deliveries, oldest first."""
        parameters = "&".join(f"{name}={value}" for name, value in query.items())
        items: list[dict[str, Any]] = (await self.ask("GET", f"alert-deliveries?{parameters}"))["items"]
        return items[::-1]

    async def states(self) -> list[tuple[str, str, str | None]]:
        return [(each["event"], each["state"], each["failure"]) for each in await self.sent()]
