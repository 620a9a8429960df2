"""A filled database, an empty one beside it, and the command line for both."""

import asyncio
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from key_services.configured import ring_of
from schema.settings import Settings
from service.administration.organizations import add_organization
from tests.conftest import MASTER_SECRET
from tests.harness.every_table import EveryTable
from tests.harness.servers import TEMPLATE, Administration, url_of, urls_of_processes
from tests.harness.shipledger_up import environment_with, run

Shipledger = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]


@pytest.fixture
def shipledger(tmp_path: Path) -> Shipledger:
    """Return a function that runs a command on the database of some settings."""

    async def command(settings: Settings, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(run, tmp_path, *arguments, **{**environment_with(settings), **more})

    return command


@pytest.fixture
async def filled(administration: Administration) -> AsyncIterator[Settings]:
    """Fill every table for two organizations, as rows that need not add up."""
    async for settings in _database(administration, f"TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"):
        for number in (1, 2):
            organization_id = await add_organization(settings, f"company {number}")
            connection = await asyncpg.connect(superuser(settings))
            await EveryTable(organization_id, f"text {number}", ring_of(settings)).fill(connection)
            await connection.close()
        yield settings


@pytest.fixture
async def empty(administration: Administration) -> AsyncIterator[Settings]:
    """Create a database without tables."""
    async for settings in _database(administration, "TEMPLATE template0"):
        yield settings


async def _database(administration: Administration, made_from: str) -> AsyncIterator[Settings]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    administration.execute(f"CREATE DATABASE {name} {made_from} OWNER shipledger")
    url = url_of(administration.socket_folder, name)
    yield Settings(**urls_of_processes(url), secret_key=MASTER_SECRET, _env_file=None)
    administration.execute(f"DROP DATABASE {name} WITH (FORCE)")


def superuser(settings: Settings) -> str:
    """Return the URL of the database for a role that sees all rows."""
    return settings.owner_url.replace("//shipledger@", "//postgres@")
