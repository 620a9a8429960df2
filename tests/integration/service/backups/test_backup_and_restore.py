"""A backup of a database goes into another one and is equal there, or nothing of it goes in."""

import json
from pathlib import Path

import asyncpg
import pytest

from schema.database import Database
from schema.key_ring import KeyRing
from schema.organization_keys import organization_vault
from schema.settings import Settings
from schema.tables import METADATA
from service.administration.secret_key import key_fits
from tests.harness.every_table import dump
from tests.integration.service.backups.conftest import Shipledger, superuser

WRONG_KEY = "another secret that is long enough to be one"


async def everything(settings: Settings) -> dict[str, list[str]]:
    connection = await asyncpg.connect(superuser(settings))
    try:
        return {table: sorted(map(repr, rows)) for table, rows in (await dump(connection)).items()}
    finally:
        await connection.close()


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
async def backup(shipledger: Shipledger, filled: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "backup"
    finished = await shipledger(filled, "backup", folder)
    assert finished.returncode == 0, finished.stderr
    return folder


async def test_each_row_of_each_table_comes_back(
    shipledger: Shipledger, filled: Settings, empty: Settings, backup: Path
) -> None:
    finished = await shipledger(empty, "restore", backup)

    assert finished.returncode == 0, finished.stderr
    assert "the ledger equals the backup" in finished.stdout
    restored = await everything(empty)
    assert restored == await everything(filled)
    assert set(METADATA.tables) <= set(restored)
    assert all(len(restored[name]) >= 2 for name in METADATA.tables if name != "list_price"), "a table was not filled"


async def test_the_roles_of_a_restored_database_see_what_they_saw(
    shipledger: Shipledger, empty: Settings, backup: Path
) -> None:
    assert (await shipledger(empty, "restore", backup)).returncode == 0

    database = Database(empty.database_url)
    await database.open()
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM team") == 0
        assert await connection.fetchval("SELECT organizations FROM only_organization()") == 2
    async with database.organization(1) as tenant:
        assert await tenant.connection.fetch("SELECT DISTINCT organization_id FROM team") == [(1,)]
    await database.close()


async def test_the_lost_key_is_named_and_may_be_found_later(
    shipledger: Shipledger, empty: Settings, backup: Path
) -> None:
    (key,) = json.loads((backup / "manifest.json").read_text())["keys"]

    refused = await shipledger(empty, "restore", backup, SHIPLEDGER_SECRET_KEY=WRONG_KEY)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: stored values need the secret key {key}, ")
    assert await everything(empty) == {}

    assert (await shipledger(empty, "restore", backup, "--without-key", SHIPLEDGER_SECRET_KEY="")).returncode == 0
    database = Database(empty.database_url)
    await database.open()
    async with database.connection() as connection:
        for secret, fits in ((WRONG_KEY, False), (empty.secret_key.get_secret_value(), True)):
            assert await key_fits(connection, organization_vault(KeyRing.of(secret))) is fits
    await database.close()


async def test_the_key_is_in_a_backup_only_if_it_was_asked_for(
    shipledger: Shipledger, filled: Settings, empty: Settings, backup: Path, tmp_path: Path
) -> None:
    secret = filled.secret_key.get_secret_value()
    assert not any(secret.encode() in content for content in contents(backup))

    including = await shipledger(filled, "backup", tmp_path / "with key", "--include-key")
    assert "keep it as safe as the key itself" in including.stdout
    assert (tmp_path / "with key" / "secret-key").stat().st_mode & 0o777 == 0o600
    restored = await shipledger(empty, "restore", tmp_path / "with key", SHIPLEDGER_SECRET_KEY="")
    assert restored.returncode == 0, restored.stderr


async def test_a_dry_run_counts_and_changes_nothing(
    shipledger: Shipledger, filled: Settings, empty: Settings, backup: Path, tmp_path: Path
) -> None:
    rows = sum(json.loads((backup / "manifest.json").read_text())["contents"]["rows"].values())

    look = await shipledger(filled, "backup", tmp_path / "other", "--dry-run")
    assert f"would back up {rows:,} rows" in look.stdout
    assert not (tmp_path / "other").exists()

    look = await shipledger(empty, "restore", backup, "--dry-run", "--json")
    assert json.loads(look.stdout)["rows"] == rows
    assert await everything(empty) == {}


@pytest.mark.parametrize(
    ("damage", "explanation"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "holds no whole backup"),
        (lambda folder: (folder / "manifest.json").write_text('{"format": 1}'), "manifest.json is damaged"),
        (lambda folder: (folder / "manifest.json").write_text('{"format": 2}'), "a newer version of shipledger"),
        (lambda folder: (folder / "database" / "toc.dat").write_bytes(b"half"), "toc.dat is damaged"),
        (lambda folder: next(iter((folder / "database").glob("*.dat.gz"))).unlink(), ".dat.gz is missing"),
    ],
)
async def test_half_a_backup_is_refused_in_one_line(
    shipledger: Shipledger, empty: Settings, backup: Path, damage: object, explanation: str
) -> None:
    assert callable(damage)
    damage(backup)

    finished = await shipledger(empty, "restore", backup)

    assert finished.returncode == 1
    assert explanation in finished.stderr
    assert finished.stderr.count("\n") == 1
    assert await everything(empty) == {}


async def test_nothing_is_overwritten(shipledger: Shipledger, filled: Settings, backup: Path) -> None:
    before = await everything(filled)

    assert "is not empty" in (await shipledger(filled, "restore", backup)).stderr
    assert "exists; choose a folder" in (await shipledger(filled, "backup", backup)).stderr
    assert await everything(filled) == before


async def test_a_role_that_does_not_see_every_row_makes_no_backup(
    shipledger: Shipledger, filled: Settings, tmp_path: Path
) -> None:
    finished = await shipledger(filled, "backup", tmp_path / "partly", SHIPLEDGER_OWNER_DATABASE_URL="")

    assert finished.returncode == 1
    assert "SHIPLEDGER_OWNER_DATABASE_URL" in finished.stderr
    assert not (tmp_path / "partly").exists()
    assert contents(tmp_path) == []
