"""One organization that receives webhooks and telemetry, and its ledger with readable names."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

import asyncpg
import httpx

from schema.database import Database
from tests.harness.bodies import START, Delivery
from tests.harness.organization import Organization
from tests.harness.otlp import JSON, Body, as_json
from tests.harness.webhooks import Forge

Drain: TypeAlias = Callable[[], Awaitable[None]]
# Pull request (0 is overhead) and evidence.
Ledger: TypeAlias = dict[tuple[int, str], int]

_HOSTS = {"github": "github.com", "gitlab": "gitlab.com"}


@dataclass(frozen=True)
class Company:
    """Sends webhooks and telemetry to the service, in order."""

    client: httpx.AsyncClient
    database: Database
    organization: Organization
    forge: Forge
    drain: Drain

    async def receive(self, *bodies: Delivery | Body) -> None:
        """Send webhooks and OTLP bodies without running the workers."""
        for each in bodies:
            if isinstance(each, Delivery):
                await self.forge.deliver_payload(each.event, each.payload)
            else:
                await self.send(each)

    async def receive_one_by_one(self, *bodies: Delivery | Body) -> None:
        """Send webhooks and OTLP bodies, and run the workers after each."""
        for each in bodies:
            await self.receive(each)
            await self.drain()

    async def send(self, body: Body) -> None:
        """Send an OTLP body, which must be accepted."""
        headers = {**self.organization.headers, **JSON}
        answer = await self.client.post("/v1/logs", content=as_json(body), headers=headers)
        assert answer.status_code == 200, answer.text

    def artifact(self, number: int, repository: int = 1) -> bytes:
        """Return the artifact id of a pull request."""
        hasher = self.organization.hasher
        return hasher.pull_request(hasher.repository_by_id(_HOSTS[self.forge.name], repository), number)

    async def ledger(self, repositories: Iterable[int] = (1,)) -> Ledger:
        """Return tokens by pull request and evidence; numbers must be unique across repositories."""
        totals = defaultdict[tuple[int, str], int](int)
        for number, evidence, _, tokens in await self.rows(repositories):
            totals[number, evidence] += tokens
        return dict(totals)

    async def rows(self, repositories: Iterable[int] = (1,)) -> list[tuple[int, str, float, int]]:
        """Return every attribution row: pull request, evidence, hour since the start, tokens."""
        names = {self.artifact(number, each): number for each in repositories for number in range(1, 100)}
        rows = await self.fetch("SELECT * FROM attribution WHERE organization_id = $1")
        hours = [(row["hour"] - START).total_seconds() / 3600 for row in rows]
        return sorted(
            (names[row["artifact_id"]] if row["artifact_id"] else 0, row["evidence"], hour, row["input_uncached"])
            for row, hour in zip(rows, hours, strict=True)
        )

    async def settled(self) -> dict[date, tuple[str, datetime]]:
        """Return the state of each day, and when it was last settled."""
        rows = await self.fetch("SELECT day, state, settled_at FROM settlement WHERE organization_id = $1")
        return {row["day"]: (row["state"], row["settled_at"]) for row in rows}

    async def states(self) -> dict[int, str]:
        """Return the state of each pull request by its number."""
        names = {self.artifact(number): number for number in range(1, 100)}
        rows = await self.fetch("SELECT artifact_id, state FROM pull_request WHERE organization_id = $1")
        return {names.get(row["artifact_id"], 0): row["state"] for row in rows}

    async def fetch(self, query: str) -> list[asyncpg.Record]:
        async with self.database.organization(self.organization.organization_id) as tenant:
            rows: list[asyncpg.Record] = await tenant.fetch(query)
            return rows
