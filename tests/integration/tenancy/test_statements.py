"""What the role of the service may do with SQL of its own: nothing with the rows of another organization."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from schema.database import Database
from schema.settings import Settings
from schema.tables import TENANT_TABLES
from service.administration.policies import SWEPT
from service.administration.roles import APPEND_ONLY, LOOK_UPS, SWEEPS
from tests.conftest import opened
from tests.harness.foreign_rows import NUMBER, SECRET
from tests.harness.organization import Organization
from tests.integration.tenancy.attacks import REFUSED, SWITCHES
from tests.integration.tenancy.conftest import Victim
from workers.stores.upkeep import due_work


@pytest.fixture
async def attacker(application: Database, organization: Organization) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of the service for the attacking organization."""
    async with application.organization(organization.organization_id) as tenant:
        yield tenant.connection


async def refused(connection: asyncpg.Connection, statement: str, *arguments: Any) -> bool:
    """Return whether a statement is refused; leaves the transaction as it was."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        await connection.execute(statement, *arguments)
    except asyncpg.PostgresError:
        return True
    else:
        return False
    finally:
        await attempt.rollback()


def test_every_table_has_a_row_of_the_victim(victim: Victim) -> None:
    assert set(victim.rows) == set(TENANT_TABLES)
    assert all(row["organization_id"] == victim.organization_id for row in victim.rows.values())


async def test_what_changes_roles_policies_or_rights_is_refused(
    attacker: asyncpg.Connection, victim: Victim, database_url: str
) -> None:
    name = database_url.rpartition("/")[2].partition("?")[0]
    done = [each for each in REFUSED if not await refused(attacker, each.replace("{database}", name))]
    assert done == []
    await victim.assert_untouched()


@pytest.mark.parametrize("switch", SWITCHES)
async def test_no_switch_shows_a_row_of_another_organization(
    attacker: asyncpg.Connection, victim: Victim, organization: Organization, switch: str
) -> None:
    await attacker.execute(switch)
    seen = {}
    for table in TENANT_TABLES:
        name = f"public.{table}"
        others = f"WHERE organization_id = {victim.organization_id}"
        for statement in (
            f"SELECT count(*) FROM {name} {others}",
            f"SELECT count(*) FROM (SELECT FROM {name} {others} FOR UPDATE) AS held",
            f"SELECT count(*) FROM {name} WHERE organization_id <> {organization.organization_id}",
        ):
            if table in APPEND_ONLY and "FOR UPDATE" in statement:
                assert await refused(attacker, statement)
                continue
            seen[statement] = await attacker.fetchval(statement)
    assert {statement: count for statement, count in seen.items() if count} == {}


@pytest.mark.parametrize("switch", SWITCHES[:2])
async def test_no_statement_changes_a_row_of_another_organization(
    attacker: asyncpg.Connection, victim: Victim, organization: Organization, switch: str
) -> None:
    await attacker.execute(switch)
    done = []
    for table, row in victim.rows.items():
        others = f"WHERE organization_id = {victim.organization_id}"
        for statement in (
            f"UPDATE {table} SET organization_id = organization_id {others}",
            f"UPDATE {table} SET organization_id = {organization.organization_id} {others}",
            f"DELETE FROM {table} {others}",
        ):
            if table in APPEND_ONLY:
                assert await refused(attacker, statement)
                continue
            async with attacker.transaction():
                if (await attacker.execute(statement)).rpartition(" ")[2] != "0":
                    done.append(statement)
        columns = ", ".join(row)
        values = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        insert = f"INSERT INTO {table} ({columns}) VALUES ({values})"
        key = ", ".join(await key_of(attacker, table))
        taken = f"{insert} ON CONFLICT ({key}) DO UPDATE SET organization_id = excluded.organization_id"
        inserts = (insert, f"{insert} ON CONFLICT DO NOTHING", taken)
        done += [each for each in inserts if not await refused(attacker, each, *row.values())]
    assert done == []
    await victim.assert_untouched()


async def test_no_row_moves_to_another_organization(
    attacker: asyncpg.Connection, victim: Victim, organization: Organization
) -> None:
    for table in ("team", "api_key", "organization"):
        statement = f"UPDATE {table} SET organization_id = {victim.organization_id}"
        assert await refused(attacker, statement), table
    assert await attacker.fetchval("SELECT count(*) FROM team") == 1
    assert organization.organization_id != victim.organization_id


async def test_copies_views_and_own_functions_show_nothing_more(attacker: asyncpg.Connection, victim: Victim) -> None:
    await attacker.execute("SET LOCAL shipledger.operator = 'on'")
    await attacker.execute(
        "CREATE TEMPORARY VIEW mine AS SELECT * FROM team;"
        " CREATE FUNCTION pg_temp.mine() RETURNS SETOF team LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT * FROM public.team';"
        " CREATE TEMPORARY TABLE leaked (content text);"
        # Cheap, so that the planner would run it before any other condition.
        " CREATE FUNCTION pg_temp.leak(content text) RETURNS boolean LANGUAGE plpgsql COST 0.0001"
        " AS 'BEGIN INSERT INTO pg_temp.leaked VALUES (content); RETURN true; END'"
    )
    for source in ("mine", "pg_temp.mine()"):
        assert await attacker.fetchval(f"SELECT count(*) FROM {source}") == 1
    views = await attacker.fetch("SELECT relname FROM pg_class WHERE relnamespace = 'reporting'::regnamespace")
    assert len(views) > 5
    for view in views:
        await attacker.fetch(f"SELECT * FROM reporting.{view['relname']} AS v WHERE pg_temp.leak(v::text)")
    for table in TENANT_TABLES:
        await attacker.fetch(f"SELECT 1 FROM {table} AS t WHERE pg_temp.leak(t::text)")
        copied = bytearray()
        await attacker.copy_from_query(f"SELECT * FROM {table}", output=_appender(copied))
        assert SECRET.encode() not in copied, table
    leaked = await attacker.fetchval(
        "SELECT count(*) FROM leaked WHERE content LIKE '%' || $1 || '%' OR content LIKE '%' || $2 || '%'",
        SECRET,
        str(NUMBER),
    )
    assert leaked == 0
    await victim.assert_untouched()


async def test_the_catalogue_shows_no_value_of_a_row(attacker: asyncpg.Connection, victim: Victim) -> None:
    await victim.superuser.execute("ANALYZE")
    statistics = "SELECT count(*) FROM pg_stats WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    assert await attacker.fetchval(statistics) == 0
    for catalogue in ("pg_stat_user_tables", "pg_stat_activity", "pg_settings", "pg_prepared_statements", "pg_locks"):
        rows = await attacker.fetch(f"SELECT c::text AS content FROM {catalogue} AS c")
        assert not [row["content"] for row in rows if SECRET in row["content"]], catalogue


async def test_a_foreign_key_says_the_same_whether_another_organization_has_the_row(
    attacker: asyncpg.Connection, victim: Victim, organization: Organization
) -> None:
    said = []
    for team_id in (victim.rows["team"]["team_id"], 4_000_000_000):
        with pytest.raises(asyncpg.ForeignKeyViolationError) as error:
            async with attacker.transaction():
                await attacker.execute(
                    "INSERT INTO code_owner (organization_id, owner, team_id) VALUES ($1, $2, $3)",
                    organization.organization_id,
                    b"owner",
                    team_id,
                )
        said.append(str(error.value).replace(str(team_id), "TEAM"))
    assert said[0] == said[1]


async def test_functions_of_the_owner_are_few_and_fixed(victim: Victim) -> None:
    rows = await victim.superuser.fetch(
        "SELECT proname, proconfig,"
        " has_function_privilege('shipledger_application', oid, 'EXECUTE') AS for_application,"
        " EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0) AS for_all"
        " FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    assert {row["proname"] for row in rows} == {*LOOK_UPS, *SWEEPS}
    assert {row["proname"] for row in rows if row["for_application"]} == set(LOOK_UPS)
    assert not [row["proname"] for row in rows if row["for_all"]]
    assert {setting for row in rows for setting in row["proconfig"] if setting.startswith("search_path")} == {
        "search_path=public, pg_temp"
    }


async def test_the_application_owns_nothing_and_every_table_binds_it(victim: Victim) -> None:
    roles = await victim.superuser.fetch(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS may_more,"
        " (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid) AS owned"
        " FROM pg_roles WHERE rolname IN ('shipledger_application', 'shipledger_sweep')"
    )
    assert [(row["may_more"], row["owned"]) for row in roles] == [(False, 0)] * 2
    rows = await victim.superuser.fetch(
        "SELECT relname, polname, polcmd::text, polroles::regrole[]::text[] AS roles FROM pg_policy"
        " JOIN pg_class ON pg_class.oid = polrelid WHERE NOT relispartition"
    )
    found = {(row["relname"], row["polname"], row["polcmd"], *row["roles"]) for row in rows}
    assert found == {
        *((table, "tenant", "*", "shipledger") for table in TENANT_TABLES),
        *((table, "application", "*", "shipledger_application") for table in TENANT_TABLES),
        *((table, "sweep", "r", "shipledger_sweep") for table in SWEPT),
    }


async def test_a_sweep_reads_the_tables_that_it_needs_and_writes_nowhere(
    settings: Settings, victim: Victim, organization: Organization
) -> None:
    assert set(SWEPT) == {table for table in TENANT_TABLES if f" {table} " in _words(due_work._DUE)}
    async with opened(settings.worker_url) as database, database.sweep() as swept:
        seen = {
            table
            for table in TENANT_TABLES
            if await swept.connection.fetchval(
                f"SELECT count(*) FROM {table} WHERE organization_id = $1", victim.organization_id
            )
        }
        assert seen == set(SWEPT)
        for table in TENANT_TABLES:
            deleted = f"DELETE FROM {table} WHERE organization_id = {victim.organization_id}"
            if table in APPEND_ONLY:
                assert await refused(swept.connection, deleted)
                continue
            assert await swept.connection.execute(deleted) == "DELETE 0", table
        for table in TENANT_TABLES:
            await swept.organization(organization.organization_id)
            changed = f"UPDATE {table} SET organization_id = organization_id WHERE organization_id = $1"
            if table in APPEND_ONLY:
                assert await refused(swept.connection, changed, victim.organization_id)
                continue
            assert await swept.connection.execute(changed, victim.organization_id) == "UPDATE 0", table
    await victim.assert_untouched()


async def key_of(connection: asyncpg.Connection, table: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)"
        " WHERE indrelid = $1::text::regclass AND indisprimary",
        table,
    )
    return [row["attname"] for row in rows]


def _words(statement: str) -> str:
    """Return a statement's words, each between spaces."""
    return " " + " ".join("".join(c if c.isalnum() or c == "_" else " " for c in statement).split()) + " "


def _appender(copied: bytearray) -> Any:
    async def append(chunk: bytes) -> None:
        copied.extend(chunk)

    return append
