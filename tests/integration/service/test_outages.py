"""While PostgreSQL cannot serve, every way in answers 503 with Retry-After, one line is logged, and nothing is lost."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs

from schema.database import Database
from schema.errors import UnavailableError
from tests.harness.organization import Organization
from tests.harness.servers import Administration
from tests.harness.signing_in import sign_in
from tests.harness.webhooks import Forge, recorded
from workers.context import WorkerContext
from workers.jobs.fold_token_events import fold_token_events
from workers.jobs.process_deliveries import process_deliveries
from workers.jobs.record_team_changes import record_team_changes

EVENT = {"event_id": "1", "occurred_at": "2026-11-18T12:00:00Z", "source": "x", "tokens": {"input_uncached": 1}}
FULL = """
CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = '53100'; END $$;
"""


@asynccontextmanager
async def full_disk(database_url: str, *tables: str) -> AsyncIterator[None]:
    """Let no row be written to these tables, as on a full disk."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(FULL)
        for table in tables:
            for kind in ("INSERT", "UPDATE"):
                await connection.execute(
                    f"CREATE TRIGGER {kind}_fails BEFORE {kind} ON {table} EXECUTE FUNCTION fill_disk()"
                )
        yield
        await connection.execute("DROP FUNCTION fill_disk CASCADE")
    finally:
        await connection.close()


@contextmanager
def closed(administration: Administration, database_url: str) -> Iterator[None]:
    """End every connection to the database, and let it take no other."""
    name = database_url.partition("@/")[2].partition("?")[0]
    administration.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    administration.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
    yield
    administration.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


async def send_all(client: httpx.AsyncClient, forge: Forge, headers: dict[str, str]) -> list[httpx.Response]:
    """Send to every way in."""
    protobuf = {**headers, "Content-Type": "application/x-protobuf"}
    return [
        await forge.send("pull_request", recorded("github", "pull_request__opened")),
        await client.post("/v1/logs", content=b"", headers=protobuf),
        await client.post("/api/v1/token-events", json={"items": [EVENT]}, headers=headers),
        await client.post("/api/v1/teams", json={"name": "checkout"}, headers=headers),
        await client.get("/api/v1/teams", headers=headers),
    ]


@pytest.fixture
async def forge(client: httpx.AsyncClient, organization: Organization) -> Forge:
    return await Forge.connect(client, organization, "github")


async def test_a_database_that_goes_away_is_503_everywhere_and_one_line_in_the_log(
    administration: Administration,
    database_url: str,
    client: httpx.AsyncClient,
    forge: Forge,
    organization: Organization,
) -> None:
    await send_all(client, forge, organization.headers)
    with capture_logs() as logs, closed(administration, database_url):
        # The first request on each connection learns that it ended.
        await send_all(client, forge, organization.headers)
        refused = await send_all(client, forge, organization.headers)
    # Nothing of an empty OTLP body is stored.
    assert [answer.status_code for answer in refused] == [503, 200, 503, 503, 503]
    assert all(answer.headers["retry-after"] == "5" for answer in refused if answer.status_code == 503)
    events = [entry["event"] for entry in logs]
    assert set(events) == {"database_unavailable"}
    assert len(events) <= 2, "each reason is logged once"
    answered = await send_all(client, forge, organization.headers)
    assert all(answer.is_success for answer in answered)


async def test_a_page_says_that_the_database_is_away(
    administration: Administration,
    database_url: str,
    client: httpx.AsyncClient,
    database: Database,
    organization: Organization,
) -> None:
    await sign_in(client, database, organization)
    with closed(administration, database_url):
        for _ in range(2):
            page = await client.get("/")
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "Temporarily unavailable" in page.text
    assert "The database cannot be reached; try again in a moment." in page.text
    assert (await client.get("/")).status_code == 200


async def test_on_a_full_disk_nothing_is_taken_and_all_is_taken_again_once_there_is_room(
    database_url: str, client: httpx.AsyncClient, forge: Forge, organization: Organization
) -> None:
    with capture_logs() as logs:
        async with full_disk(database_url, "delivery", "token_event", "intake_batch", "team"):
            *refused, read = await send_all(client, forge, organization.headers)
    assert [answer.status_code for answer in refused] == [503, 200, 503, 503]
    assert all("full disk" in answer.text for answer in refused if answer.status_code == 503)
    assert read.status_code == 200, "reads go on"
    assert [entry["reason"] for entry in logs] == ["PostgreSQL has a full disk"]
    assert all(answer.is_success for answer in await send_all(client, forge, organization.headers))


@pytest.mark.parametrize(
    ("job", "rows", "table"),
    [
        (process_deliveries, "delivery", "pull_request"),
        (fold_token_events, "intake_batch", "token_window"),
        (record_team_changes, "team_change", "repository"),
    ],
)
async def test_a_worker_counts_no_attempt_on_a_full_disk(
    database_url: str,
    client: httpx.AsyncClient,
    forge: Forge,
    organization: Organization,
    worker_context: WorkerContext,
    job: Callable[[WorkerContext, int], Awaitable[None]],
    rows: str,
    table: str,
) -> None:
    organization_id = organization.organization_id
    await send_all(client, forge, organization.headers)
    team = {"name": "checkout", "repositories": ["github.com/octo-org/shop"]}
    await client.post("/api/v1/teams", json=team, headers=organization.headers)
    statement = f"SELECT count(*), coalesce(sum(attempts), 0) FROM {rows} WHERE organization_id = $1"
    async with full_disk(database_url, table):
        with pytest.raises(UnavailableError):
            await job(worker_context, organization_id)
        async with worker_context.database.organization(organization_id) as tenant:
            assert tuple(await tenant.fetchrow(f"{statement} AND state = 'waiting'")) == (1, 0)
    await job(worker_context, organization_id)
    async with worker_context.database.organization(organization_id) as tenant:
        assert (await tenant.fetchrow(f"{statement} AND state = 'waiting'"))[0] == 0
