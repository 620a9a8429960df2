"""Health and figures for Prometheus."""

import asyncpg
import httpx

from schema.settings import Settings
from service.administration.migrations import MigrationState
from service.app import create_app
from tests.harness.organization import Organization


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
    text = (await client.get("/metrics")).text
    assert 'shipledger_http_responses_total{method="POST",route="/api/v1/token-events",status="200"} 1.0' in text
    assert 'shipledger_rows{state="waiting",table="token_event"} 1.0' in text
    assert 'shipledger_rows{state="dead",table="delivery"} 0.0' in text
    assert 'shipledger_oldest_waiting_seconds{table="token_event"}' in text
    assert 'route="/api/v1/releases/{artifact_id}",status="400"' in text
    assert "CANARY" not in text
