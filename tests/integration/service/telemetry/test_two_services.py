"""Telemetry of one organization through two services: copied in side by side, and decided one after the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from schema.vocabulary.tokens import TokenCounts
from service.app import create_app
from service.telemetry.store.event_batches import lock_intake
from tests.harness.organization import Organization
from tests.harness.otlp import (
    PROTOBUF,
    Body,
    as_protobuf,
    claude_logs,
    claude_request,
    counter,
    metrics,
    number_point,
    signal_of,
)
from tests.harness.service import serve

Received = Callable[[], Awaitable[tuple[int, TokenCounts]]]
Rows = Callable[[str], Awaitable[list[asyncpg.Record]]]

SESSION = "CANARY-session"
ONE = TokenCounts(1200, 4500, 300, 42, 0)
# Whether the connections that wait for the intake lock have copied their rows, which locks the table of the copy.
WAITING = """
    SELECT EXISTS (SELECT FROM pg_locks AS written
                    WHERE written.pid = waiting.pid AND written.mode = 'RowExclusiveLock') AS has_copied
      FROM pg_locks AS waiting
     WHERE locktype = 'advisory' AND NOT granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Services:
    """Two services of one database."""

    def __init__(self, clients: list[httpx.AsyncClient], organization: Organization, database: Database) -> None:
        self.clients, self.organization, self.database = clients, organization, database

    async def send(self, service: int, body: Body) -> None:
        answer = await self.clients[service].post(
            f"/v1/{signal_of(body)}", content=as_protobuf(body), headers=self.organization.headers | PROTOBUF
        )
        assert answer.status_code == 200, answer.content

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Hold the intake lock, as a third service would."""
        async with self.database.organization(self.organization.organization_id) as tenant:
            await lock_intake(tenant)
            yield

    async def waiting(self, number: int) -> list[bool]:
        """Return, once so many requests wait for the lock, whether each has copied its rows."""
        async with asyncio.timeout(60):
            while True:
                async with self.database.operator() as connection:
                    found = await connection.fetch(WAITING)
                if len(found) == number:
                    return [row["has_copied"] for row in found]
                await asyncio.sleep(0.02)


@pytest.fixture
async def services(settings: Settings, organization: Organization, database: Database) -> AsyncIterator[Services]:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(serve(create_app(settings))) for _ in range(2)]
        yield Services(clients, organization, database)


def records(*numbers: int, session: str = SESSION, team: str = "platform") -> Body:
    return claude_logs(*(claude_request(number, **{"session.id": session, "team.id": team}) for number in numbers))


def exported(requests: int) -> Body:
    """Claude Code's counter after so many requests."""
    parts = dict(zip(("input", "cacheRead", "cacheCreation", "output"), ONE, strict=False))
    values = {"model": "claude-sonnet-4-5", "session.id": SESSION, "team.id": "platform"}
    points = [number_point(requests * tokens, {**values, "type": name}) for name, tokens in parts.items()]
    return metrics(
        counter("claude_code.token.usage", *points),
        resource={"service.name": "claude-code"},
        scope="com.anthropic.claude_code",
    )


def times(requests: int) -> TokenCounts:
    return TokenCounts(*(requests * tokens for tokens in ONE))


async def test_records_are_copied_in_while_another_service_holds_the_lock(
    services: Services, received: Received
) -> None:
    await services.send(0, records(1))
    async with asyncio.TaskGroup() as sending, services.locked():
        for service in (0, 1):
            sending.create_task(services.send(service, records(service + 2)))
        assert await services.waiting(2) == [True, True]
    assert await received() == (3, times(3))


async def test_records_that_both_services_take_in_at_once_count_once(services: Services, received: Received) -> None:
    await services.send(0, records(0))
    for first in range(0, 60, 6):
        await asyncio.gather(*(services.send(service, records(*range(first, first + 9))) for service in (0, 1)))
    assert await received() == (63, times(63))


async def test_the_first_metric_of_a_session_counts_with_records_that_were_copied_in_before_it_was_stored(
    services: Services, received: Received
) -> None:
    await services.send(0, records(1))
    async with asyncio.TaskGroup() as sending, services.locked():
        sending.create_task(services.send(0, exported(3)))
        await services.waiting(1)
        sending.create_task(services.send(1, records(1, 2)))
        assert sorted(await services.waiting(2)) == [False, True]
    assert (await received())[1].total == times(3).total
    await services.send(0, records(2, 3))
    assert (await received())[1].total == times(3).total


async def test_new_teams_that_both_services_meet_at_once_are_made_once(
    services: Services, received: Received, rows: Rows
) -> None:
    for number in range(8):
        teams = (f"team {number}", f"team {number + 1}")
        await asyncio.gather(
            *(
                services.send(service, records(4 * number + 2 * service + place, team=team))
                for service in (0, 1)
                for place, team in enumerate(teams[:: 1 - 2 * service])
            )
        )
    assert {row["name"] for row in await rows("team")} >= {f"team {number}" for number in range(9)}
    assert await received() == (32, times(32))
