"""Take a backup while everything runs: a dump and its manifest from one snapshot, whole or not at all."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import asyncpg

from schema.database import CONNECT_SECONDS, Connection
from schema.errors import BadInputError, SetUpError
from schema.outages import DATABASE_ERRORS, connect_outage
from schema.settings import Settings, split_keys
from service.administration.key_rotation import read_status
from service.administration.sealed_values import WITHOUT_ID
from service.backups.contents import read_contents
from service.backups.manifest import DUMP, FORMAT, KEYS, Contents, Manifest, hash_files, write_manifest
from service.backups.programs import find_program, run_program
from service.embedded.data_folder import PRIVATE_FOLDER, write_private

# Row-level security shows all rows to the owner alone, and only so.
AS_OPERATOR = {"shipledger.operator": "on"}
_DUMPING = "dumping contents of table"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to back up: the database and secret keys of `settings`, to a folder that does not exist yet."""

    settings: Settings
    folder: Path
    includes_keys: bool = False


def take_backup(plan: Plan, begin: Callable[[int], Callable[[int], None]]) -> Manifest:
    """Write a backup and return its manifest. `begin` gets the number of tables, and returns what each one calls.

    Raises BadInputError if the folder exists, and SetUpError if the database or its programs are not at hand; then
    nothing is left behind.
    """
    require_new(plan.folder)
    unfinished = plan.folder.with_name(plan.folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(mode=PRIVATE_FOLDER, parents=True)
        manifest = asyncio.run(_take(plan, unfinished, begin))
        unfinished.rename(plan.folder)
    except OSError as error:
        raise SetUpError(
            f"cannot write to {plan.folder} ({error.strerror}); free some space, or choose another folder"
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return manifest


def require_new(folder: Path) -> None:
    """Raise BadInputError if something exists where a backup would be written."""
    if folder.exists():
        raise BadInputError(f"{folder} exists; choose a folder that does not exist yet", field="FOLDER")


async def look(settings: Settings) -> Contents:
    """Return what a backup would hold."""
    connection = await _connect(settings.owner_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SET LOCAL shipledger.operator = 'on'")
            return await read_contents(connection)
    finally:
        await connection.close()


async def _take(plan: Plan, folder: Path, begin: Callable[[int], Callable[[int], None]]) -> Manifest:
    url = plan.settings.owner_url
    keys = await read_status(plan.settings)
    connection = await _connect(url)
    try:
        server = connection.get_server_version().major
        # The dump reads the same snapshot, which lives as long as this transaction.
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SET LOCAL shipledger.operator = 'on'")
            contents = await read_contents(connection)
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            await asyncio.to_thread(_dump, url, folder / DUMP, server, snapshot, begin(len(contents.rows)))
    finally:
        await connection.close()
    if plan.includes_keys:
        write_private(folder / KEYS, "\n".join(_secret_keys(plan.settings)))
    manifest = Manifest(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=version("shipledger"),
        postgresql=server,
        contents=contents,
        keys=[each.key for each in keys.keys if each.values and each.key != WITHOUT_ID],
        includes_keys=plan.includes_keys,
        files=hash_files(folder),
    )
    write_manifest(folder, manifest)
    return manifest


def _dump(url: str, folder: Path, server: int, snapshot: str, advance: Callable[[int], None]) -> None:
    def seen(line: str) -> None:
        if _DUMPING in line:
            advance(1)

    options = ["--format=directory", "--no-owner", "--no-privileges", "--enable-row-security", "--verbose"]
    program: list[str | Path] = [find_program("pg_dump", server), *options]
    run_program([*program, f"--snapshot={snapshot}", f"--file={folder}"], url, AS_OPERATOR, seen)


def _secret_keys(settings: Settings) -> list[str]:
    """Return the keys, the one that encrypts first. Raises SetUpError if a key service wraps them."""
    if settings.key_file:
        raise SetUpError(
            "SHIPLEDGER_KEY_FILE holds wrapped keys, which a backup does not include; copy that file beside it, and"
            " leave --include-key out"
        )
    return [settings.secret_key.get_secret_value(), *split_keys(settings.other_secret_keys.get_secret_value())]


async def _connect(url: str) -> Connection:
    try:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    except DATABASE_ERRORS as error:
        raise SetUpError(connect_outage(error).explained(error)) from error
