"""Health and figures for Prometheus."""

import asyncio
import time
from uuid import uuid4

import asyncpg
import httpx
from pydantic import SecretStr
from structlog.testing import capture_logs

from schema.settings import Settings
from service.administration.migrations import MigrationState
from service.app import create_app
from tests.harness.organization import Organization
from tests.harness.servers import Administration
from tests.harness.service import serve

PULL_REQUEST = {
    "forge": "github",
    "repository": "github.com/example/shop",
    "number": 1,
    "state": "open",
    "opened_at": "2026-11-18T12:00:00Z",
}


async def test_a_service_with_everything_is_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "postgresql": "up", "migrations": "up to date", "redis": "up"},
    )


async def test_without_redis_it_is_degraded_but_ready(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}))
    transport = httpx.ASGITransport(app=app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["redis"]) == (200, "degraded", "unreachable")


async def test_an_installation_without_redis_is_ready(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"redis_url": ""}))
    transport = httpx.ASGITransport(app=app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["redis"]) == (200, "ready", "not used")


async def test_a_database_without_the_newest_migration_is_not_ready(
    client: httpx.AsyncClient, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        (known,) = await connection.fetchrow("SELECT version_num FROM alembic_version")
        # Not the look with which the service started.
        assert (await client.get("/health/ready")).status_code == 200
        await connection.execute("DELETE FROM alembic_version")
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["migrations"]) == (503, "run: shipledger migrate")
        await connection.execute("INSERT INTO alembic_version VALUES ('999901010000')")
        assert (await client.get("/health/ready")).status_code == 200
        await connection.execute("UPDATE alembic_version SET version_num = '0035'")
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["migrations"]) == (503, MigrationState.UNSUPPORTED)
        await connection.execute("UPDATE alembic_version SET version_num = $1", known)
    finally:
        await connection.close()


async def test_prometheus_reads_answers_and_waiting_rows(client: httpx.AsyncClient, organization: Organization) -> None:
    event = {"event_id": "1", "occurred_at": "2026-11-18T12:00:00Z", "source": "x", "tokens": {"input_uncached": 1}}
    await client.post("/api/v1/token-events", json={"items": [event]}, headers=organization.headers)
    await client.get("/api/v1/releases/CANARY", headers=organization.headers)
    text = (await client.get("/metrics", headers=organization.headers)).text
    assert 'shipledger_http_responses_total{method="POST",route="/api/v1/token-events",status="200"} 1.0' in text
    assert 'shipledger_rows{state="waiting",table="token_event"} 1.0' in text
    assert 'shipledger_rows{state="dead",table="delivery"} 0.0' in text
    assert 'shipledger_oldest_waiting_seconds{table="token_event"}' in text
    assert 'route="/api/v1/releases/{artifact_id}",status="400"' in text
    assert "CANARY" not in text


async def test_a_key_shows_rows_of_its_own_organization_and_the_port_for_prometheus_those_of_all(
    settings: Settings, client: httpx.AsyncClient, organization: Organization, other_organization: Organization
) -> None:
    event = {"event_id": "1", "occurred_at": "2026-11-18T12:00:00Z", "source": "x", "tokens": {"input_uncached": 1}}
    for each in (organization, other_organization, other_organization):
        body = {"items": [event | {"event_id": str(uuid4())}]}
        await client.post("/api/v1/token-events", json=body, headers=each.headers)
    await client.post("/api/v1/pull-requests", json={"items": [PULL_REQUEST]}, headers=other_organization.headers)
    rows = {
        each: (await client.get("/metrics", headers=each.headers)).text for each in (organization, other_organization)
    }
    waiting = 'shipledger_rows{state="waiting",table="%s"} %s'
    assert waiting % ("token_event", "1.0") in rows[organization]
    assert waiting % ("delivery", "0.0") in rows[organization]
    assert waiting % ("token_event", "2.0") in rows[other_organization]
    assert waiting % ("delivery", "1.0") in rows[other_organization]
    app = create_app(settings.model_copy(update={"metrics_port": 9464}))
    async with app.lifespan(), httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as prometheus:
        text = (await prometheus.get("http://127.0.0.1:9464/metrics")).text
    assert waiting % ("token_event", "3.0") in text
    assert waiting % ("delivery", "1.0") in text


async def test_a_secret_key_that_does_not_fit_is_not_ready_and_only_the_log_names_the_variable(
    settings: Settings, client: httpx.AsyncClient, organization: Organization
) -> None:
    connection = await client.post("/api/v1/connections", json={"forge": "github"}, headers=organization.headers)
    webhook = f"/webhooks/github/{connection.json()['id']}"
    event = {"X-GitHub-Event": "push", "X-GitHub-Delivery": str(uuid4()), "X-Hub-Signature-256": f"sha256={'0' * 64}"}
    secret = SecretStr("another secret, long enough to be one")
    with capture_logs() as logs:
        async with serve(create_app(settings.model_copy(update={"secret_key": secret}))) as other:
            answers = [
                await other.get("/health/ready"),
                await other.post("/api/v1/teams", json={"name": "a"}, headers=organization.headers),
                await other.post(webhook, json={}, headers=event),
            ]
    assert answers[0].json()["secret_key"] == "does not fit the stored data"
    for answer in answers:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "SHIPLEDGER" not in answer.text
    assert {entry["event"] for entry in logs} >= {"secret_key_does_not_fit", "not_set_up"}
    assert all("SHIPLEDGER_SECRET_KEY" in str(entry) for entry in logs)


async def test_a_silent_database_is_not_ready_within_three_seconds(settings: Settings) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    url = f"postgresql://u@127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    async with serve(create_app(settings.model_copy(update={"database_url": url}))) as client:
        began = time.monotonic()
        answer = await client.get("/health/ready")
        assert time.monotonic() - began < 3.5
    server.close()
    assert (answer.status_code, answer.json()["postgresql"]) == (503, "unreachable")


async def test_a_read_only_database_is_not_ready(
    administration: Administration, database_url: str, client: httpx.AsyncClient
) -> None:
    name = database_url.partition("@/")[2].partition("?")[0]
    assert (await client.get("/health/ready")).status_code == 200
    administration.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    administration.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
    answers = [await client.get("/health/ready") for _ in range(3)]
    assert (answers[-1].status_code, answers[-1].json()["postgresql"]) == (503, "read-only")


async def test_prometheus_needs_a_key_that_may_read(client: httpx.AsyncClient, organization: Organization) -> None:
    assert (await client.get("/metrics")).status_code == 401
    made = await client.post(
        "/api/v1/keys", json={"name": "agents", "scopes": ["intake"]}, headers=organization.headers
    )
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    assert (await client.get("/metrics", headers=headers)).status_code == 403


async def test_prometheus_needs_no_key_on_its_own_port_and_gets_nothing_on_the_other(
    settings: Settings, organization: Organization
) -> None:
    app = create_app(settings.model_copy(update={"metrics_port": 9464}))
    transport = httpx.ASGITransport(app=app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport) as client:
        answer = await client.get("http://127.0.0.1:9464/metrics")
        assert (answer.status_code, "shipledger_rows" in answer.text) == (200, True)
        answer = await client.get("http://127.0.0.1:8787/metrics", headers=organization.headers)
        assert answer.status_code == 404
