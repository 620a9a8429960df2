"""Roles that migrations create where they may, and name where a superuser must."""

import asyncio
import uuid
from collections.abc import Iterator

import asyncpg
import httpx
import pytest

from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from schema.settings import Settings
from schema.tables import TENANT_TABLES
from service.administration.migrations import upgrade
from service.administration.roles import APPEND_ONLY, Roles, passwords
from service.app import create_app
from tests.conftest import MASTER_SECRET, opened, run_jobs
from tests.harness.one_merge import PULL_REQUEST
from tests.harness.organization import Organization
from tests.harness.servers import ROLES, Administration, url_of
from tests.harness.service import serve
from workers.context import WorkerContext

RIGHTS = {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.fixture
def roles(administration: Administration) -> Iterator[Roles]:
    """A new owner with a database, and names of roles that do not exist yet."""
    roles = Roles(owner=f"owner-{uuid.uuid4().hex[:8]}")
    administration.execute(f'CREATE ROLE "{roles.owner}" LOGIN NOSUPERUSER')
    administration.execute(f'CREATE DATABASE "{roles.owner}" OWNER "{roles.owner}"')
    yield roles
    administration.execute(f'DROP DATABASE "{roles.owner}" WITH (FORCE)')
    for role in (roles.sweep, roles.application, roles.owner):
        administration.execute(f'DROP ROLE IF EXISTS "{role}"')


async def test_what_the_owner_may_not_create_is_named_without_passwords_and_later_created(
    roles: Roles, administration: Administration
) -> None:
    url = url_of(administration.socket_folder, roles.owner, roles.owner)
    known = passwords(f"postgresql://{roles.application}:it's@host/x", "postgresql://host/x")
    statements = await asyncio.to_thread(upgrade, url, known)
    assert statements == [
        f'CREATE ROLE "{roles.application}" LOGIN;',
        f'CREATE ROLE "{roles.sweep}" LOGIN;',
        f'GRANT "{roles.application}" TO "{roles.sweep}";',
    ]
    administration.execute(f'ALTER ROLE "{roles.owner}" CREATEROLE')
    for _ in range(2):
        assert await asyncio.to_thread(upgrade, url, known) == []
    for role, organizations in ((roles.application, 0), (roles.sweep, 0)):
        connection = await asyncpg.connect(url_of(administration.socket_folder, roles.owner, role))
        assert await connection.fetchval("SELECT organizations FROM only_organization()") == organizations
        assert await connection.fetch("SELECT * FROM reporting.pull_request") == []
        await connection.close()
    # An application that migrates by mistake changes nothing.
    assert await asyncio.to_thread(upgrade, url_of(administration.socket_folder, roles.owner, roles.application)) == []


async def test_a_table_of_a_later_migration_is_covered(database_url: str) -> None:
    owner = await asyncpg.connect(database_url)
    await owner.execute(
        "CREATE TABLE later (organization_id bigint PRIMARY KEY); ALTER TABLE later ENABLE ROW LEVEL SECURITY;"
        " ALTER TABLE later FORCE ROW LEVEL SECURITY; CREATE POLICY tenant ON later USING ("
        "organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint"
        " OR current_setting('shipledger.operator', true) = 'on')"
    )
    await asyncio.to_thread(upgrade, database_url)
    await owner.execute("SET shipledger.operator = 'on'; INSERT INTO later VALUES (1), (2)")
    application = await asyncpg.connect(database_url.replace("shipledger@", "shipledger_application@"))
    await application.execute("SET shipledger.operator = 'on'; SET shipledger.organization_id = '1'")
    assert [row["organization_id"] for row in await application.fetch("SELECT organization_id FROM later")] == [1]
    await application.close()
    await owner.execute("DROP TABLE later")
    await owner.close()


async def test_the_audit_log_is_read_and_added_to_and_never_changed_by_service_and_workers(
    database_url: str,
) -> None:
    owner = await asyncpg.connect(database_url)
    # As an earlier version gave it.
    await owner.execute("GRANT UPDATE, DELETE ON audit_entry TO shipledger_application")
    await asyncio.to_thread(upgrade, database_url)
    rights = "SELECT has_table_privilege($1::name, $2::text, $3)"
    for role in (ROLES.application, ROLES.sweep):
        for table in TENANT_TABLES:
            found = {each for each in RIGHTS if await owner.fetchval(rights, role, table, each)}
            assert found == (RIGHTS - {"UPDATE", "DELETE"} if table in APPEND_ONLY else RIGHTS), (role, table)
    await owner.close()


async def test_processes_of_before_the_roles_go_on_as_the_owner_beside_those_with_roles(
    settings: Settings, client: httpx.AsyncClient, organization: Organization, queue: Queue
) -> None:
    urls = dict.fromkeys(("database_url", "worker_database_url"), settings.owner_url)
    before = settings.model_copy(update={**urls, "owner_database_url": ""})
    async with serve(create_app(before)) as older, opened(before.worker_url) as database:
        keys = OrganizationKeys(database, KeyRing.of(MASTER_SECRET))
        worker = WorkerContext(settings=before, database=database, queue=queue, organization_keys=keys)
        # Each sends what the other reads, and the worker of before processes it.
        for number, sending, reading in ((1, older, client), (2, client, older)):
            item = {**PULL_REQUEST, "number": number}
            sent = await sending.post("/api/v1/pull-requests", json={"items": [item]}, headers=organization.headers)
            await run_jobs(worker)
            path = f"/api/v1/imports/{sent.json()['import_id']}"
            assert (await reading.get(path, headers=organization.headers)).json()["new"] == 1
            assert (await reading.get("/health/ready")).status_code == 200
