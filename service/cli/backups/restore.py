"""`shipledger restore`: a backup into an empty database, or a new data folder."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.migrate import say_missing_rights
from service.cli.options import example, json_option

if TYPE_CHECKING:
    from schema.settings import Settings
    from service.backups.manifest import Manifest


@click.command(epilog=example("shipledger restore ~/backups/2026-12-01 --data ~/restored"))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="New data folder for `shipledger up`.  [default: the database at DATABASE_URL]",
)
@click.option(
    "--secret-key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of the secret keys, one a line, the one that encrypts first.  [default: those in the backup, else"
    " SHIPLEDGER_SECRET_KEY]",
)
@click.option("--without-key", is_flag=True, help="Restore although the secret key is missing; add it later.")
@click.option("--dry-run", is_flag=True, help="Check backup, key and database, and restore nothing.")
@json_option
def restore(
    folder: Path, data: Path | None, secret_key_file: Path | None, without_key: bool, dry_run: bool, as_json: bool
) -> None:
    """Restore a backup into an empty database.

    FOLDER is what `shipledger backup` wrote. All of it is restored and upgraded to this version, or nothing. The
    restored ledger is compared with what the backup says of itself.

    """
    from schema.key_ring import KeyRing
    from service.backups.manifest import read_manifest, require_whole
    from service.backups.restoring import kept_keys, require_keys
    from service.embedded.data_folder import read_secret_keys

    folder = folder.expanduser().absolute()
    manifest = read_manifest(folder)
    require_whole(folder, manifest)
    keys = read_secret_keys(secret_key_file) if secret_key_file else kept_keys(folder) or _keys_of_environment()
    if not without_key:
        require_keys(manifest, KeyRing.of(*keys) if keys else None)
    if dry_run:
        _look(data)
        _say(manifest, data, keys, dry_run=True, as_json=as_json)
        return
    with _target(data, keys) as settings:
        by_a_superuser = _restore(folder, manifest, settings)
    _say(manifest, data, keys, dry_run=False, as_json=as_json)
    say_missing_rights(by_a_superuser)


def _restore(folder: Path, manifest: "Manifest", settings: "Settings") -> list[str]:
    from service.administration.roles import passwords
    from service.backups.restoring import restore_backup
    from service.cli.progress import progress_of_steps

    known = passwords(settings.database_url, settings.worker_url)
    with progress_of_steps("restoring") as begin:
        return restore_backup(folder, manifest, settings.owner_url, begin, known)


@contextmanager
def _target(data: Path | None, keys: Sequence[str]) -> "Iterator[Settings]":
    from service.embedded.alone import new_database_alone
    from service.embedded.data_folder import DataFolder

    if data is None:
        yield _external()
        return
    with new_database_alone(DataFolder(data), keys) as settings:
        yield settings


def _external() -> "Settings":
    from schema.errors import SetUpError
    from schema.settings import load_settings

    if "DATABASE_URL" not in os.environ:
        raise SetUpError("name a new data folder with --data, or set DATABASE_URL to an empty database")
    return load_settings()


def _look(data: Path | None) -> None:
    """Raise SetUpError if the target cannot take a backup."""
    from schema.errors import SetUpError
    from service.backups.restoring import require_empty
    from service.embedded.data_folder import DataFolder

    if data is None:
        asyncio.run(require_empty(_external().owner_url))
    elif DataFolder(data).postgres.exists():
        raise SetUpError(f"{data} holds data already; name a new folder with --data")


def _keys_of_environment() -> list[str]:
    from schema.settings import load_settings, split_keys

    settings = load_settings()
    present = settings.secret_key.get_secret_value()
    return [present, *split_keys(settings.other_secret_keys.get_secret_value())] if present else []


def _say(manifest: "Manifest", data: Path | None, keys: Sequence[str], *, dry_run: bool, as_json: bool) -> None:
    rows = manifest.contents.rows
    if as_json:
        said = {"dry_run": dry_run, "made_at": manifest.made_at, "tables": len(rows), "rows": sum(rows.values())}
        click.echo(json.dumps({**said, "organizations": len(manifest.contents.ledgers), "has_key": bool(keys)}))
        return
    text = f"{sum(rows.values()):,} rows of {len(rows)} tables, as of {manifest.made_at}"
    if dry_run:
        click.echo(f"would restore {text}; nothing was changed (--dry-run)")
        return
    click.echo(f"restored {text}; the ledger equals the backup")
    if not keys and data is not None:
        click.echo(f"Put the secret key into {data / 'secret-key'}, then start it with: shipledger up --data {data}")
    elif data is not None:
        click.echo(f"Start it with: shipledger up --data {data}")
