"""A client that a generator wrote from /schema answers a question."""

import asyncio
import importlib
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.one_merge import REPOSITORY, send_one_merge
from tests.harness.organization import Organization


@pytest.fixture
async def generated(client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of the client, which can be imported."""
    description = tmp_path / "openapi.json"
    description.write_bytes((await client.get("/schema")).content)
    package = tmp_path / "shipledger_client"
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    # Nobody reads this code, so that it needs no formatting.
    plain = tmp_path / "generator.json"
    plain.write_text('{"post_hooks": []}')
    command += ["--config", str(plain), "--fail-on-warning", "--path", str(description), "--output-path", str(package)]
    made = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT)
    said, _ = await made.communicate()
    assert made.returncode == 0, said.decode()
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


def functions(package: Path) -> list[str]:
    return [file.name for file in package.glob("api/*/*.py") if file.name != "__init__.py"]


@pytest.mark.slow
async def test_a_generated_client_has_every_endpoint_and_reads_what_a_pull_request_cost(
    generated: Path,
    service_url: str,
    client: httpx.AsyncClient,
    organization: Organization,
    drain: Callable[[], Awaitable[None]],
) -> None:
    await send_one_merge(client, organization, drain)
    made: Any = importlib.import_module("shipledger_client")
    asked: Any = importlib.import_module("shipledger_client.api.figures.list_attributions")
    async with made.AuthenticatedClient(base_url=service_url, token=organization.key) as api:
        found = await asked.asyncio(client=api, repository=REPOSITORY, number=2201)
        refused = await asked.asyncio(client=api, number=2201)
    (item,) = found.items
    assert (item.cost_usd, item.state, item.tokens.total) == ("0.30", "merged", 100_000)
    assert refused.field == "repository"
    described = (await client.get("/schema")).json()["paths"]
    operations = sum(len(each) for each in described.values())
    assert len(functions(generated)) == operations
