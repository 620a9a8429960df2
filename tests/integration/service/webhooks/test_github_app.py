"""App-wide deliveries: verified with the App's secret, and given to the organization that installed it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from schema.database import Database
from schema.settings import Settings
from service.app import create_app
from tests.harness.organization import Organization
from tests.harness.service import serve
from tests.harness.webhooks import Forge, github_signature, recorded

Rows = Callable[[], Awaitable[list[asyncpg.Record]]]
SECRET = "the secret of the App"


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A service with a GitHub App."""
    with_app = settings.model_copy(update={"github_webhook_secret": SecretStr(SECRET)})
    async with serve(create_app(with_app)) as client:
        yield client


async def deliver(client: httpx.AsyncClient, event: str, payload: Any, secret: str = SECRET) -> httpx.Response:
    body = json.dumps(payload).encode()
    forge = Forge(client, "github", {"id": "", "secret": secret})
    headers = {**forge.headers(event, body), "X-Hub-Signature-256": github_signature(secret, body)}
    return await client.post("/webhooks/github", content=body, headers=headers)


async def connections(database: Database) -> list[asyncpg.Record]:
    async with database.operator() as connection:
        return await connection.fetch("SELECT * FROM connection ORDER BY created_at")


async def test_without_an_app_secret_the_endpoint_is_closed(client: httpx.AsyncClient) -> None:
    assert (await deliver(client, "ping", {}, "")).status_code == 404


async def test_another_secret_is_401(app: httpx.AsyncClient, deliveries: Rows) -> None:
    assert (await deliver(app, "ping", {"installation": {"id": 5}}, "another")).status_code == 401
    assert await deliveries() == []


async def test_an_installation_belongs_to_the_only_organization(
    app: httpx.AsyncClient, deliveries: Rows, database: Database, drain: Callable[[], Awaitable[None]]
) -> None:
    answer = await deliver(app, "installation", {"action": "created", "installation": {"id": 940001}})
    assert answer.json() == {"delivery": "stored"}
    assert (await deliver(app, "pull_request", recorded("github", "pull_request__opened"))).status_code == 202
    [connection] = await connections(database)
    assert (connection["installation_id"], connection["state"]) == (940001, "active")
    await drain()
    assert [row["state"] for row in await deliveries()] == ["processed", "processed"]


async def test_an_unknown_installation_among_several_organizations_is_dropped(
    app: httpx.AsyncClient, deliveries: Rows, other_organization: Organization, database: Database
) -> None:
    assert other_organization.organization_id
    answer = await deliver(app, "pull_request", recorded("github", "pull_request__opened"))
    assert (answer.status_code, answer.json()) == (202, {"delivery": "dropped"})
    assert await connections(database) == []
    assert await deliveries() == []


@pytest.mark.parametrize("payload", [{}, [], {"installation": None}, {"installation": {"id": "5"}}])
async def test_a_delivery_of_no_installation_is_dropped(
    app: httpx.AsyncClient, deliveries: Rows, organization: Organization, payload: Any
) -> None:
    assert organization.organization_id
    assert (await deliver(app, "ping", payload)).json() == {"delivery": "dropped"}
    assert await deliveries() == []


async def test_an_installation_is_suspended_resumed_and_ended(
    app: httpx.AsyncClient, deliveries: Rows, database: Database, drain: Callable[[], Awaitable[None]]
) -> None:
    states = []
    for action in ("created", "suspend", "unsuspend", "deleted"):
        await deliver(app, "installation", {"action": action, "installation": {"id": 6}})
        await drain()
        states += [connection["state"] for connection in await connections(database)]
    assert states == ["active", "suspended", "active", "deleted"]
    assert (await deliver(app, "push", {"installation": {"id": 6}})).json() == {"delivery": "dropped"}
    assert len(await deliveries()) == 4


async def test_an_uninstalled_app_that_was_never_met_is_not_connected(
    app: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    assert organization.organization_id
    answer = await deliver(app, "installation", {"action": "deleted", "installation": {"id": 7}})
    assert answer.json() == {"delivery": "dropped"}
    assert await connections(database) == []


async def test_an_installation_event_never_ends_a_connection_made_by_hand(
    github: Forge, database: Database, drain: Callable[[], Awaitable[None]]
) -> None:
    assert (await github.send("installation", {"action": "deleted", "installation": {"id": 2}})).status_code == 202
    await drain()
    assert [connection["state"] for connection in await connections(database)] == ["active"]
    assert (await github.send("push", {"a": 1})).status_code == 202
