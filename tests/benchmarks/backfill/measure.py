"""One backfill of generated pull requests, from the request to the tables; the forge's clock skips waits."""

import asyncio
import time
from dataclasses import dataclass

from schema.database import Database
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from schema.settings import Settings
from service.app import create_app
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.github_teams import Team
from tests.harness.forges.histories import make_repository
from tests.harness.forges.team_syncs import TeamSyncs
from tests.harness.organization import make_organization
from tests.harness.servers import TEMPLATE, postgres, redis_server, url_of
from tests.harness.service import serve
from tests.harness.settings import make_settings
from workers.context import WorkerContext
from workers.forges.clients import Clients

MASTER_SECRET = "a secret of the benchmark, long enough"

# GitHub's limits for GraphQL: points per hour, and points per minute.
POINTS_AN_HOUR = 5000
POINTS_A_MINUTE = 2000


@dataclass(frozen=True)
class Measured:
    """Numbers of requests and refusals; `forge_seconds` is the time on the forge's clock, including waits."""

    pull_requests: int
    stored: int
    points_an_hour: int
    requests: int
    refused: int
    refused_in_a_row: int
    seconds: float
    forge_seconds: float
    owned: bool

    @property
    def requests_a_pull_request(self) -> float:
        return self.requests / self.pull_requests


def measure(
    pull_requests: int, points: int = POINTS_AN_HOUR, a_minute: int = POINTS_A_MINUTE, *, owned: bool = False
) -> Measured:
    """Backfill one repository with `pull_requests` from a forge with these limits.

    With `owned`, a handle in its CODEOWNERS file maps to a team and team sync is on, so that paths and authors are
    fetched, too.
    """
    with postgres() as socket_folder, redis_server() as redis_url:
        database_url = url_of(socket_folder, TEMPLATE)
        settings = make_settings(database_url=database_url, redis_url=redis_url, secret_key=MASTER_SECRET)
        return asyncio.run(_measure(settings, pull_requests, points, a_minute, owned=owned))


async def _measure(settings: Settings, pull_requests: int, points: int, a_minute: int, *, owned: bool) -> Measured:
    clock = QuickClock()
    fake = FakeGithub(clock, points=points, a_minute=a_minute)
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=pull_requests, releases=50)}
    database, queue = Database(settings.database_url), Queue(settings.redis_url)
    await database.open()
    try:
        organization = await make_organization(database, MASTER_SECRET)
        keys = OrganizationKeys(database, KeyRing.of(MASTER_SECRET))
        forges = Clients(allow_private=True, clock=clock)
        context = WorkerContext(settings, database, queue, keys, forges)
        with fake.serve() as url:
            async with serve(create_app(settings)) as client:
                backfills = Backfills(client, organization, database, context, clock)
                made = await backfills.connect("github", url)
                if owned:
                    shop = fake.repositories["octo/shop"]
                    shop.files = {"CODEOWNERS": "* @octo/shop"}
                    for each in shop.pull_requests:
                        each.paths = [f"{each.number % 10}/{path}" for path in range(each.number % 130)]
                    team = {"name": "shop", "code_owners": ["@octo/shop"]}
                    (await client.post("/api/v1/teams", json=team, headers=organization.headers)).raise_for_status()
                    people = [f"CANARY-{each}" for each in range(8)]
                    fake.teams.organizations = {"octo": [Team(1, "web", people)]}
                    for each in shop.pull_requests:
                        each.author = people[each.number % 16 % len(people)]
                    syncs = TeamSyncs(client, organization, database, context)
                    await syncs.switch(made["id"])
                    await syncs.work()
                    fake.requests.clear()
                began, forge_began = time.perf_counter(), clock.now()
                shown = await backfills.run()
                seconds = time.perf_counter() - began
                forge_seconds = (clock.now() - forge_began).total_seconds()
        async with database.organization(organization.organization_id) as tenant:
            stored = await tenant.connection.fetchval("SELECT count(*) FROM pull_request")
    finally:
        await queue.close()
        await database.close()
    assert shown["state"] == "done", shown
    assert len(fake.requests) == shown["requests"], "the reported number of requests must be correct"
    return Measured(
        pull_requests,
        stored,
        points,
        len(fake.requests),
        len(fake.refused),
        fake.refused_in_a_row,
        seconds,
        forge_seconds,
        owned,
    )
