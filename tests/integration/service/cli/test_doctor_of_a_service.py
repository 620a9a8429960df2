"""`shipledger doctor --url --key`: what the API alone can say of a service on another machine."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schema.database import Database
from schema.settings import Settings
from service.auth.api_keys import create_key
from service.auth.key_text import Scope
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization
from tests.harness.shipledger_up import run


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


async def checks(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    finished = await asyncio.to_thread(run, tmp_path, "doctor", "--json", *arguments)
    return {check["check"]: check for check in json.loads(finished.stdout)["checks"]}


async def test_a_key_is_tried_and_figures_are_read(
    service_url: str, organization: Organization, tmp_path: Path
) -> None:
    found = await checks(tmp_path, "--url", service_url, "--key", organization.key)
    assert "postgresql" not in found
    assert (found["service"]["state"], found["api key"]["detail"]) == ("ok", "may do everything")
    assert found["tokens"]["state"] == found["pull requests"]["state"] == found["webhooks"]["state"] == "warning"


async def test_a_key_that_may_only_send_is_called_so(
    service_url: str, organization: Organization, database: Database, tmp_path: Path
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        _, key = await create_key(tenant, name="agents", scopes=[Scope.INTAKE])
    found = await checks(tmp_path, "--url", service_url, "--key", key)
    assert found["api key"]["detail"] == "may send, but not read figures"


async def test_an_unknown_key_and_a_missing_one_are_missing(
    service_url: str, organization: Organization, tmp_path: Path
) -> None:
    unknown = await checks(tmp_path, "--url", service_url, "--key", f"sl1_{organization.organization_id}_{'k' * 43}")
    assert unknown["api key"]["state"] == "missing"
    assert (await checks(tmp_path, "--url", service_url))["api key"]["detail"] == "not given"


async def test_a_stopped_up_is_to_be_started_and_no_secret_is_proposed(tmp_path: Path) -> None:
    folder = tmp_path / ".local/share/shipledger"
    folder.mkdir(parents=True)
    (folder / "secret-key").write_text("x" * 64)
    finished = await asyncio.to_thread(run, tmp_path, "doctor")
    assert finished.returncode == 1
    assert finished.stdout.startswith("Next: start it with: shipledger up\n")
    assert "openssl" not in finished.stdout
