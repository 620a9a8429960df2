"""Writing the next migration from what the code declares and the database lacks."""

import asyncio
import re
import shutil
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from development.new_migration import NOTHING_DIFFERS, write_migration

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations, in the present folder."""
    shutil.copy(ROOT / "alembic.ini", tmp_path)
    shutil.copytree(ROOT / "alembic", tmp_path / "alembic")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _config(database_url: str) -> Config:
    config = Config("alembic.ini")
    config.attributes["database_url"] = database_url
    return config


def _revision(file: Path) -> str:
    (revision,) = re.findall(r'^revision: str = "(\d{12})"$', file.read_text(), re.MULTILINE)
    return revision


def migrate_and_check(database_url: str) -> None:
    """Run the migrations of the present folder; nothing must differ then."""
    config = _config(database_url)
    command.upgrade(config, "head")
    command.check(config)


async def test_a_missing_table_and_column_are_added_and_the_table_is_closed_to_other_tenants(
    database_url: str, checkout: Path
) -> None:
    newest = ScriptDirectory.from_config(Config("alembic.ini")).get_current_head()
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP TABLE engagement; ALTER TABLE summary DROP COLUMN sealed_remote")
    file = await asyncio.to_thread(write_migration, database_url, "add what is missing")
    assert file.parent == checkout / "alembic" / "versions"
    assert file.name.endswith("_add_what_is_missing.py")
    text = file.read_text()
    assert newest is not None
    assert _revision(file) > newest
    assert f'down_revision: str | None = "{newest}"' in text
    await asyncio.to_thread(migrate_and_check, database_url)
    closed = await connection.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'engagement'")
    await connection.close()
    assert closed


@pytest.mark.usefixtures("checkout")
async def test_two_migrations_of_one_minute_follow_one_another(database_url: str) -> None:
    first = await asyncio.to_thread(write_migration, database_url, "change nothing")
    await asyncio.to_thread(command.upgrade, _config(database_url), "head")
    second = await asyncio.to_thread(write_migration, database_url, "change nothing again")
    assert first != second
    assert ScriptDirectory.from_config(Config("alembic.ini")).get_heads() == [_revision(second)]


@pytest.mark.usefixtures("checkout")
async def test_where_nothing_differs_the_migration_is_empty(database_url: str) -> None:
    file = await asyncio.to_thread(write_migration, database_url, "change nothing")
    assert NOTHING_DIFFERS in file.read_text()
