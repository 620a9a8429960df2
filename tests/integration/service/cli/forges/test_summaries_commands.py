"""`shipledger gitlab summaries`, from the terminal to the connection."""

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from click.testing import CliRunner, Result

from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


async def run(url: str, organization: Organization, *arguments: str) -> Result:
    command = [*arguments, "--url", url, "--key", organization.key]
    return await asyncio.to_thread(CliRunner().invoke, main, command)


async def test_summaries_are_switched_on_and_off_and_a_dry_run_switches_nothing(
    service_url: str, client: httpx.AsyncClient, organization: Organization
) -> None:
    body = {"forge": "gitlab", "token": "glpat-word"}
    made = (await client.post("/api/v1/connections", json=body, headers=organization.headers)).json()

    async def is_on() -> bool:
        answer = await client.get("/api/v1/connections", headers=organization.headers)
        return answer.json()["items"][0]["summaries"]

    for arguments, expected in ((["on", "--dry-run"], False), (["on"], True), (["off"], False)):
        result = await run(service_url, organization, "gitlab", "summaries", *arguments)
        assert result.exit_code == 0, result.output
        assert made["id"] in result.output
        assert await is_on() is expected
    result = await run(service_url, organization, "gitlab", "summaries", "on", "--json")
    assert json.loads(result.output) == {"connections": [made["id"]], "summaries": True, "dry_run": False}


async def test_what_cannot_be_switched_on_is_refused_with_the_remedy(
    service_url: str, client: httpx.AsyncClient, organization: Organization
) -> None:
    await client.post("/api/v1/connections", json={"forge": "github"}, headers=organization.headers)
    result = await run(service_url, organization, "github", "summaries", "on")
    assert result.exit_code == 1
    assert "create-app --summaries" in result.output
    result = await run(service_url, organization, "gitlab", "summaries", "on")
    assert result.exit_code == 1
    assert "this connection does not exist; list connections with" in result.output
