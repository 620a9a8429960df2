"""Restore a backup into an empty database, upgrade it, and compare it with what the manifest says."""

import asyncio
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import asyncpg

from schema.database import CONNECT_SECONDS
from schema.errors import BadInputError, SetUpError
from schema.key_ring import KeyRing
from schema.outages import DATABASE_ERRORS, connect_outage
from service.administration.migrations import pending, upgrade
from service.backups.contents import count_rows, read_contents
from service.backups.manifest import DUMP, KEYS, Contents, Manifest
from service.backups.programs import find_program, run_program
from service.embedded.data_folder import read_secret_keys

# Policies name roles, which another server may not have; `upgrade` creates those of the roles that there are.
_POLICY = re.compile(r"^\d+; \d+ \d+ POLICY ", re.MULTILINE)
_RESTORING = "processing data for table"


def require_keys(manifest: Manifest, ring: KeyRing | None) -> None:
    """Raise SetUpError if sealed values of the backup need a key that the ring lacks."""
    known = {key_id.hex() for key_id in ring.key_ids} if ring else set()
    if missing := [key for key in manifest.keys if key not in known]:
        raise SetUpError(
            f"stored values need the secret key {missing[0]}, which was not given; name its file with"
            " --secret-key-file, or restore without it with --without-key and add it later"
        )


def kept_keys(folder: Path) -> list[str]:
    """Return the secret keys that a backup includes, the one that encrypts first; empty without any."""
    try:
        return read_secret_keys(folder / KEYS)
    except FileNotFoundError:
        return []


def restore_backup(
    folder: Path,
    manifest: Manifest,
    owner_url: str,
    begin: Callable[[int], Callable[[int], None]],
    passwords: Mapping[str, str] | None = None,
) -> list[str]:
    """Restore into an empty database; returns the statements that a superuser must still run, as `upgrade` does.

    Raises BadInputError if the backup is of a newer version, SetUpError if the database is not empty or does not end
    as the manifest says. All rows are there, or none are.
    """
    pending(manifest.contents.revision)
    server = asyncio.run(_empty_server(owner_url))
    program = find_program("pg_restore", max(server, manifest.postgresql))
    advance = begin(len(manifest.contents.rows))

    def seen(line: str) -> None:
        if _RESTORING in line:
            advance(1)

    with tempfile.NamedTemporaryFile("w", suffix=".list") as listed:
        listed.write(_without_policies(program, folder / DUMP))
        listed.flush()
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--verbose"]
        run_program([program, *options, f"--use-list={listed.name}", folder / DUMP], owner_url, {}, seen)
    by_a_superuser = upgrade(owner_url, passwords)
    asyncio.run(_compare(owner_url, manifest.contents))
    return by_a_superuser


async def require_empty(owner_url: str) -> None:
    """Raise SetUpError if the database cannot be reached or has tables."""
    await _empty_server(owner_url)


async def _empty_server(owner_url: str) -> int:
    try:
        connection = await asyncpg.connect(owner_url, timeout=CONNECT_SECONDS)
    except DATABASE_ERRORS as error:
        raise SetUpError(connect_outage(error).explained(error)) from error
    try:
        if await count_rows(connection):
            raise SetUpError("the database is not empty; create an empty one, and set DATABASE_URL to it")
        major: int = connection.get_server_version().major
    finally:
        await connection.close()
    return major


def _without_policies(program: Path, dump: Path) -> str:
    listed = subprocess.run([program, "--list", dump], capture_output=True, check=False, text=True)  # noqa: S603 - PostgreSQL's program
    if listed.returncode:
        raise BadInputError(f"{dump} is damaged; choose another backup", field="FOLDER")
    return _POLICY.sub(";", listed.stdout)


async def _compare(owner_url: str, expected: Contents) -> None:
    """Raise SetUpError if rows or sums differ. Migrations add tables and may fill them, and change no ledger."""
    connection = await asyncpg.connect(owner_url, timeout=CONNECT_SECONDS)
    try:
        async with connection.transaction(readonly=True):
            await connection.execute("SET LOCAL shipledger.operator = 'on'")
            found = await read_contents(connection)
    finally:
        await connection.close()
    if found.ledgers != expected.ledgers or (found.revision == expected.revision and found.rows != expected.rows):
        raise SetUpError("the restored ledger differs from the backup; drop the database, and restore another backup")
