"""Which keys are printed: those that a real service lets do nothing but take in."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from schema.database import Database
from schema.settings import Settings
from service.auth.api_keys import create_key
from service.auth.key_text import Scope
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


async def key_with(database: Database, organization: Organization, *scopes: Scope) -> str:
    async with database.organization(organization.organization_id) as tenant:
        _, text = await create_key(tenant, name="test", scopes=scopes)
    return text


async def printed(url: str, key: str) -> dict[str, Any]:
    command = ["agent-config", "codex", "--team", "platform", "--url", url, "--key", key, "--json"]
    result = await asyncio.to_thread(CliRunner().invoke, main, command)
    assert result.exit_code == 0, result.output
    reported: dict[str, Any] = json.loads(result.stdout)
    return reported


async def test_an_intake_key_is_printed(service_url: str, database: Database, organization: Organization) -> None:
    key = await key_with(database, organization, Scope.INTAKE)
    reported = await printed(service_url, key)
    assert reported["key"] == {"printed": True, "reason": None, "command": None}
    assert f'Authorization = "Bearer {key}"' in reported["parts"][0]["text"]


@pytest.mark.parametrize("scopes", [(Scope.ADMIN,), (Scope.READ,), (Scope.INTAKE, Scope.READ)])
async def test_a_key_that_may_do_more_is_not(
    service_url: str, database: Database, organization: Organization, scopes: tuple[Scope, ...]
) -> None:
    key = await key_with(database, organization, *scopes)
    reported = await printed(service_url, key)
    assert "yours may do more" in reported["key"]["reason"]
    assert reported["key"]["command"] == "shipledger key create --scope intake --name codex --team platform"
    assert key not in json.dumps(reported)


async def test_a_key_that_the_service_does_not_know_is_refused(service_url: str, organization: Organization) -> None:
    key = f"sl1_{organization.organization_id}_{'k' * 43}"
    command = ["agent-config", "codex", "--team", "platform", "--url", service_url, "--key", key]
    result = await asyncio.to_thread(CliRunner().invoke, main, command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "does not know this API key" in result.stderr
