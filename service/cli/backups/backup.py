"""`shipledger backup`: the whole database, in a folder."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.options import data_option, default_data, example, json_option

if TYPE_CHECKING:
    from schema.settings import Settings
    from service.backups.manifest import Manifest


@click.command(epilog=example("shipledger backup ~/backups/2026-12-01"))
@click.argument("folder", type=click.Path(path_type=Path))
@data_option
@click.option(
    "--include-key",
    is_flag=True,
    help="Include the secret keys. Whoever has the folder can then decrypt what it stores: keep it as safe as a key.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be in the backup, and write nothing.")
@json_option
def backup(folder: Path, data: Path | None, include_key: bool, dry_run: bool, as_json: bool) -> None:
    """Back up the whole database to a new FOLDER.

    Works while everything runs: the backup holds one instant. Needs the role that owns the tables. The secret key is
    not included unless you say so; keep it in another place, because nobody can decrypt the stored secrets without it.

    """
    from service.backups.taking import Plan, look, require_new, take_backup
    from service.cli.progress import progress_of_steps

    folder = folder.expanduser().absolute()
    require_new(folder)
    with settings_of(data) as settings:
        if dry_run:
            contents = asyncio.run(look(settings))
            _say_plan(folder, contents.rows, as_json=as_json)
            return
        with progress_of_steps("backing up") as begin:
            manifest = take_backup(Plan(settings, folder, include_key), begin)
    _say(folder, manifest, as_json=as_json)


@contextmanager
def settings_of(data: Path | None) -> "Iterator[Settings]":
    """Yield the settings of the environment, of the stack that runs, or of the data of one that does not run."""
    from service.cli.environment import find_folder, find_settings
    from service.embedded.alone import database_alone
    from service.embedded.data_folder import DataFolder

    with ExitStack() as cleanup:
        if data is None and ("DATABASE_URL" in os.environ or find_folder() is not None):
            yield find_settings()
            return
        folder = DataFolder(data or default_data())
        if folder.settings.exists():
            yield find_settings(folder.path)
            return
        yield cleanup.enter_context(database_alone(folder))


def _say_plan(folder: Path, rows: Mapping[str, int], *, as_json: bool) -> None:
    total = sum(rows.values())
    if as_json:
        click.echo(json.dumps({"dry_run": True, "folder": str(folder), "tables": len(rows), "rows": total}))
        return
    click.echo(f"would back up {total:,} rows of {len(rows)} tables to {folder}; nothing was written")


def _say(folder: Path, manifest: "Manifest", *, as_json: bool) -> None:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    rows = manifest.contents.rows
    if as_json:
        said = {
            "dry_run": False,
            "folder": str(folder),
            "made_at": manifest.made_at,
            "revision": manifest.contents.revision,
            "tables": len(rows),
            "rows": sum(rows.values()),
            "bytes": size,
            "keys": manifest.keys,
            "includes_key": manifest.includes_keys,
        }
        click.echo(json.dumps(said))
        return
    click.echo(f"backed up {sum(rows.values()):,} rows of {len(rows)} tables to {folder} ({size / 1e6:,.1f} MB)")
    if manifest.includes_keys:
        click.echo("The folder includes the secret key: keep it as safe as the key itself.")
    elif manifest.keys:
        click.echo(f"Keep the secret key {', '.join(manifest.keys)} in another place: it is not in the backup.")
