"""Whose tokens they are: the key's team, a team mapped to the id, a team of that name, or the default team."""

import asyncio
import hashlib
import secrets
import uuid
from collections.abc import Awaitable, Callable

import asyncpg
import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from service.app import create_app
from tests.harness.organization import Organization
from tests.harness.otlp import JSON, as_json, claude_logs, claude_request
from tests.harness.service import serve

Rows = Callable[[str], Awaitable[list[asyncpg.Record]]]


async def send(client: httpx.AsyncClient, organization: Organization, team: str | None, sequence: int = 1) -> None:
    body = as_json(claude_logs(claude_request(sequence), team=team))
    answer = await client.post("/v1/logs", content=body, headers=organization.headers | JSON)
    assert answer.status_code == 200


async def make_team(database: Database, organization: Organization, name: str, telemetry_id: str | None = None) -> int:
    async with database.organization(organization.organization_id) as tenant:
        team_id: int = await tenant.fetchval(
            "INSERT INTO team (organization_id, name) VALUES ($1, $2) RETURNING team_id", name
        )
        if telemetry_id:
            await tenant.execute(
                "INSERT INTO team_telemetry (organization_id, telemetry_id, team_id) VALUES ($1, $2, $3)",
                telemetry_id,
                team_id,
            )
    return team_id


async def test_an_unknown_team_id_makes_a_team_of_that_name_once(
    client: httpx.AsyncClient, organization: Organization, rows: Rows
) -> None:
    await asyncio.gather(*(send(client, organization, "Plateforme é", sequence) for sequence in range(8)))
    teams = [row for row in await rows("team") if not row["is_default"]]
    assert [row["name"] for row in teams] == ["Plateforme é"]
    assert {row["team_id"] for row in await rows("token_event")} == {teams[0]["team_id"]}


async def test_an_existing_team_of_that_name_is_used(
    client: httpx.AsyncClient, organization: Organization, database: Database, rows: Rows
) -> None:
    team_id = await make_team(database, organization, "platform")
    await send(client, organization, "platform")
    assert [row["team_id"] for row in await rows("token_event")] == [team_id]


async def test_a_mapped_team_id_goes_before_a_team_of_that_name(
    client: httpx.AsyncClient, organization: Organization, database: Database, rows: Rows
) -> None:
    await make_team(database, organization, "platform")
    mapped = await make_team(database, organization, "Platform and tools", telemetry_id="platform")
    await send(client, organization, "platform")
    assert [row["team_id"] for row in await rows("token_event")] == [mapped]


@pytest.mark.parametrize("team", [None, "CANARY@example.org", "x" * 101, "CANARY\x00", " "])
async def test_an_invalid_team_id_goes_to_the_default_team(
    team: str | None, client: httpx.AsyncClient, organization: Organization, rows: Rows
) -> None:
    await send(client, organization, team)
    assert [row["team_id"] for row in await rows("token_event")] == [organization.default_team_id]
    assert len(await rows("team")) == 1


async def test_teams_beyond_the_limit_go_to_the_default_team(
    settings: Settings, organization: Organization, rows: Rows
) -> None:
    async with serve(create_app(settings.model_copy(update={"team_limit": 3}))) as client:
        await asyncio.gather(*(send(client, organization, f"team {number}", number) for number in range(6)))
    assert len(await rows("team")) == 3
    by_default = [row for row in await rows("token_event") if row["team_id"] == organization.default_team_id]
    assert len(by_default) == 4


async def test_a_key_pinned_to_a_team_overrides_the_telemetry(
    client: httpx.AsyncClient, organization: Organization, database: Database, rows: Rows
) -> None:
    pinned = await make_team(database, organization, "pinned")
    key = f"sl1_{organization.organization_id}_{secrets.token_urlsafe(32)}"
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(
            "INSERT INTO api_key (organization_id, key_id, name, digest, scopes, team_id) "
            "VALUES ($1, $2, 'pinned', $3, '{intake}', $4)",
            uuid.uuid4(),
            hashlib.sha256(key.encode()).digest(),
            pinned,
        )
    body = as_json(claude_logs(claude_request(), team="platform"))
    answer = await client.post("/v1/logs", content=body, headers=JSON | {"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert [row["team_id"] for row in await rows("token_event")] == [pinned]
    assert {row["name"] for row in await rows("team")} == {"default", "pinned"}
