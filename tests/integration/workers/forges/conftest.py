"""A fake forge on this machine, an organization connected to it with a token, and workers that may reach it."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.tables import TENANT_TABLES
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.forges.clients import Clients
from workers.jobs.backfill import backfill

SET_UP = {"organization", "team", "api_key", "connection"}

_BE_DUE = """
UPDATE backfill_step SET next_attempt_at = now()
 WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at > now() RETURNING 1
"""
_NEXT = "SELECT min(next_attempt_at) FROM backfill_step WHERE organization_id = $1 AND state = 'waiting'"


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
def github_server(clock: QuickClock) -> Iterator[tuple[FakeGithub, str]]:
    fake = FakeGithub(clock)
    with fake.serve() as url:
        yield fake, url


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

    async def begin(self, forge: str, status: int = 202, **asked: Any) -> Any:
        answer = await self._post("backfills", {"forge": forge, **asked}, status)
        return answer["items"][0] if status == 202 else answer

    async def work(self) -> None:
        """Until nothing is due."""
        await backfill(self.context, self.organization.organization_id)

    async def finish(self, begun: dict[str, Any]) -> dict[str, Any]:
        """Work, and let the time pass that the forge asks for, until it is done."""
        for _ in range(1000):
            await self.work()
            if (shown := await self.show(begun))["finished_at"] is not None:
                return shown
            async with self.database.organization(self.organization.organization_id) as connection:
                self.clock.reach(await connection.fetchval(_NEXT, self.organization.organization_id))
                await connection.execute(_BE_DUE, self.organization.organization_id)
        raise AssertionError("it does not end")

    async def end_leases(self) -> None:
        """As if the time had passed that a worker has for a page."""
        async with self.database.organization(self.organization.organization_id) as connection:
            await connection.execute(
                "UPDATE backfill_step SET leased_until = now() WHERE organization_id = $1",
                self.organization.organization_id,
            )

    async def run(self, forge: str = "github", **asked: Any) -> dict[str, Any]:
        return await self.finish(await self.begin(forge, **asked))

    async def show(self, begun: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/backfills/{begun['id']}", headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def _post(self, path: str, body: Any, status: int) -> Any:
        answer = await self.client.post(f"/api/v1/{path}", json=body, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def backfills(
    client: httpx.AsyncClient,
    organization: Organization,
    database: Database,
    worker_context: WorkerContext,
    clock: QuickClock,
) -> Backfills:
    context = replace(worker_context, forges=Clients(allow_private=True, clock=clock))
    return Backfills(client, organization, database, context, clock)


@pytest.fixture
def tables(database: Database, organization: Organization) -> Callable[[], Awaitable[dict[str, list[Any]]]]:
    """What the ledger knows of the forge, without the times at which we heard of it."""
    sources = {
        "pull_request": "artifact_id, repository_id, head_repository_id, head_branch, base_branch, state, draft,"
        " opened_at, merged_at, closed_at, changed_lines, changed_files, sized_at, forge_updated_at",
        "activity": "artifact_id, kind, reference, occurred_at",
        # Since when a repository bears a name is what was told first, also of webhooks alone.
        "artifact_alias": "kind, alias, artifact_id, CASE WHEN kind LIKE '%commit' THEN first_seen_at END",
        "release": "artifact_id, state, released_at, commit, forge_updated_at, family, version,"
        " target_branch, tagged_at",
        "release_pull_request": "release_id, pull_request_id",
        "pull_request_title": "artifact_id, title",
        "outcome": "artifact_id, pushes_after_opening, review_rounds, reverted_at, fix_released_at",
        "repository": "artifact_id, forge, default_branch, named_at",
    }

    async def read() -> dict[str, list[Any]]:
        found = {}
        async with database.organization(organization.organization_id) as connection:
            for table, columns in sources.items():
                rows = await connection.fetch(
                    f"SELECT {columns} FROM {table} WHERE organization_id = $1", organization.organization_id
                )
                found[table] = sorted((tuple(row) for row in rows), key=repr)
        return found

    return read


@pytest.fixture
def forget(database: Database) -> Callable[[], Awaitable[None]]:
    """Everything that was told is forgotten, and the connection and its organization stay."""

    async def run() -> None:
        async with database.operator() as connection:
            await connection.execute(f"TRUNCATE {', '.join(set(TENANT_TABLES) - SET_UP)}")

    return run
