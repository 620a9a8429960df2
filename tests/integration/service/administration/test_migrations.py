import asyncio

import asyncpg
import pytest
from alembic import command

from schema.errors import SetUpError
from schema.tables import METADATA
from service.administration import migrations
from tests.harness.servers import Administration, url_of


async def test_migrating_twice_changes_nothing_and_ends_at_the_newest_revision(database_url: str) -> None:
    await asyncio.to_thread(migrations.upgrade, database_url)
    assert await migrations.current(database_url) == migrations.head()
    assert migrations.pending(migrations.head()) == []


async def test_the_migrated_tables_are_those_of_the_models(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_schema = 'public'"
        " AND NOT (SELECT relispartition FROM pg_class WHERE oid = format('public.%I', table_name)::regclass)"
    )
    await connection.close()
    stored = {(row["table_name"], row["column_name"], row["is_nullable"] == "YES") for row in rows}
    declared = {
        (table.name, column.name, bool(column.nullable))
        for table in METADATA.tables.values()
        for column in table.columns
    }
    assert stored - {("alembic_version", "version_num", False)} == declared


async def test_a_new_migration_would_have_nothing_to_change(database_url: str) -> None:
    await asyncio.to_thread(command.check, migrations.alembic_config(database_url))


async def test_the_newest_migration_can_be_undone_and_made_again(database_url: str) -> None:
    config = migrations.alembic_config(database_url)
    for direction, revision in ((command.downgrade, "-1"), (command.upgrade, "head")):
        await asyncio.to_thread(direction, config, revision)
    await asyncio.to_thread(command.check, config)


async def test_a_url_with_several_hosts_and_tls_settings_migrates_as_it_serves(
    administration: Administration, postgres_socket: str
) -> None:
    """SQLAlchemy cannot read such a URL, asyncpg can."""
    administration.execute("CREATE DATABASE several_hosts OWNER shipledger")
    try:
        url = f"postgresql://shipledger@/several_hosts?host=/nonexistent,{postgres_socket}&sslmode=disable"
        await asyncio.to_thread(migrations.upgrade, url)
        assert await migrations.current(url) == migrations.head()
    finally:
        administration.execute("DROP DATABASE several_hosts WITH (FORCE)")


async def test_a_migration_that_cannot_write_is_one_line_with_the_remedy(
    administration: Administration, postgres_socket: str
) -> None:
    administration.execute("CREATE DATABASE read_only OWNER shipledger")
    administration.execute("ALTER DATABASE read_only SET default_transaction_read_only = on")
    try:
        with pytest.raises(SetUpError, match="accepts no changes"):
            await asyncio.to_thread(migrations.upgrade, url_of(postgres_socket, "read_only"))
    finally:
        administration.execute("DROP DATABASE read_only WITH (FORCE)")
