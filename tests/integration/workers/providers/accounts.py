"""Accounts of one organization, made through the API and pulled through the job."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from schema.queue import Job
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.jobs.pull_provider_usage import pull_provider_usage
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]


class Accounts:
    """What an administrator and the workers do; `settings` are the workers' own."""

    def __init__(self, client: httpx.AsyncClient, stored: StoredFacts, context: WorkerContext, **settings: Any) -> None:
        self.client, self.stored = client, stored
        self.context = replace(context, settings=context.settings.model_copy(update=settings))

    async def call(self, method: str, path: str, status: int, body: Any = None) -> Any:
        answer = await self.client.request(
            method, f"/api/v1/{path}", json=body, headers=self.stored.organization.headers
        )
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def add(self, provider: str, key: str, status: int = 201, **reported: Any) -> dict[str, Any]:
        shown: dict[str, Any] = await self.call(
            "POST", "provider-accounts", status, {"provider": provider, "key": key, **reported}
        )
        return shown

    async def team(self, name: str) -> int:
        await self.call("POST", "teams", 201, {"name": name})
        (row,) = await self.stored.fetch("SELECT team_id FROM team WHERE organization_id = $1 AND name = $2", name)
        return int(str(row["team_id"]))

    async def pull(self) -> None:
        await pull_provider_usage(self.context, self.stored.organization.organization_id)

    async def again(self, since: str) -> None:
        await self.stored.execute(
            "UPDATE provider_account SET next_day = $2::text::date, next_attempt_at = now() WHERE organization_id = $1",
            since,
        )
        await self.pull()

    async def account(self) -> dict[str, Any]:
        (shown,) = (await self.call("GET", "provider-accounts", 200))["items"]
        return dict(shown)

    async def windows(self) -> list[tuple[Any, ...]]:
        """Team, hour, source, model, basis, requests and total of each window."""
        rows = await self.stored.fetch(
            "SELECT team.name, to_char(hour AT TIME ZONE 'UTC', 'MM-DD HH24') AS hour, source, model, basis, requests,"
            " input_uncached + cache_read + cache_write + output_visible + output_reasoning AS total"
            " FROM token_window JOIN team USING (organization_id, team_id)"
            " WHERE organization_id = $1 ORDER BY hour, team.name, model, basis"
        )
        return [tuple(row.values()) for row in rows]

    async def is_due(self) -> bool:
        async with self.context.database.operator() as connection:
            due = await find_due(connection, timedelta())
        return (Job.PULL_PROVIDER_USAGE, self.stored.organization.organization_id) in due
