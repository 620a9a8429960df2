"""`shipledger keys`: the secret keys that encrypt stored values, directly in the database."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.options import data_option, example, json_option

if TYPE_CHECKING:
    from service.administration.key_rotation import Rotation, SealedStatus

# Shown instead of an id for values that do not name their key.
OLDER = "before key ids"


@click.group(epilog=example("shipledger keys status"))
def keys() -> None:
    """Show and rotate the secret keys that encrypt stored values.

    API keys are another matter: `shipledger key`.

    """


@keys.command(epilog=example("shipledger keys status"))
@data_option
@json_option
def status(data: Path | None, as_json: bool) -> None:
    """Show how many stored values each secret key encrypts.

    A key is shown by its id, from which it cannot be computed.

    """
    from service.administration.key_rotation import read_status
    from service.cli.environment import find_settings
    from service.cli.tables import print_table

    found = asyncio.run(read_status(find_settings(data)))
    if as_json:
        click.echo(json.dumps(_as_json(found)))
        return
    print_table(["key", "use", "values"], [[key or OLDER, state, values] for key, state, values in found.keys])
    click.echo(_what_is_left(found))


@keys.command(epilog=example("shipledger keys rotate --dry-run"))
@click.option("--dry-run", is_flag=True, help="Show how many values would be encrypted again, and change nothing.")
@data_option
@json_option
def rotate(dry_run: bool, data: Path | None, as_json: bool) -> None:
    """Encrypt all stored values again with the present secret key.

    Services and workers keep running: give all of them both keys first, in SHIPLEDGER_SECRET_KEY and
    SHIPLEDGER_OTHER_SECRET_KEYS. If it is interrupted, run it again.

    """
    from service.administration.key_rotation import read_status
    from service.administration.key_rotation import rotate as rotate_keys
    from service.cli.environment import find_settings
    from service.cli.progress import progress_bar
    from service.cli.tables import print_table

    settings = find_settings(data)
    if dry_run:
        found = asyncio.run(read_status(settings))
        if as_json:
            click.echo(json.dumps({"dry_run": True, **_as_json(found)}))
            return
        left = [[column, found.left_of(column)] for column in found.counts if found.left_of(column)]
        print_table(["column", "values"], left)
        click.echo(f"would encrypt {found.left} values again; nothing was changed (--dry-run)")
        return
    total = asyncio.run(read_status(settings)).left
    with progress_bar("encrypting", total) as advance:
        done = asyncio.run(rotate_keys(settings, advance))
    if as_json:
        numbers = {"sealed_again": done.sealed_again, "unreadable": done.unreadable, "left": done.left}
        click.echo(json.dumps({"dry_run": False, **numbers}))
    else:
        click.echo(f"encrypted {done.sealed_again} values again")
    if done.left:
        click.echo(_why_left(done), err=True)
        sys.exit(1)


def _as_json(found: "SealedStatus") -> dict[str, object]:
    return {
        "left": found.left,
        "keys": [each._asdict() for each in found.keys],
        "columns": {column: dict(counts) for column, counts in found.counts.items()},
    }


def _what_is_left(found: "SealedStatus") -> str:
    if any(each.state == "not set" and each.values for each in found.keys):
        return "Some values were encrypted with a key that is not set: add it to SHIPLEDGER_OTHER_SECRET_KEYS."
    if found.left:
        return f"{found.left} values are left; encrypt them with the present key: shipledger keys rotate"
    return "The present key encrypts all values. Other keys are not needed any more."


def _why_left(done: "Rotation") -> str:
    if done.unreadable:
        return (
            f"{done.unreadable} values cannot be decrypted: add the key that they were encrypted with to"
            " SHIPLEDGER_OTHER_SECRET_KEYS, and run this again"
        )
    return (
        f"{done.left} values are left, because a process still encrypts with another key or holds them locked; restart"
        " all processes with the present key, and run this again"
    )


@keys.command(epilog=example("shipledger keys create --service age:/etc/identity --file keys.json"))
@click.option(
    "--service", "address", required=True, metavar="ADDRESS", help="Address of the key that wraps the new one."
)
@click.option("--file", "path", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Key file.")
@click.option("--dry-run", is_flag=True, help="Ask the key service once, and write nothing.")
@json_option
def create(address: str, path: Path, dry_run: bool, as_json: bool) -> None:
    """Add a new data key to a key file, wrapped by a key service.

    The first key of a file encrypts, unless SHIPLEDGER_SECRET_KEY is set. A key that is added to others only decrypts
    until `shipledger keys use`.

    """
    import secrets

    from key_services.wrapped import KeyFile, new_entry, read_key_file, write_key_file

    known = read_key_file(path).keys if path.exists() else []
    entry = new_entry(secrets.token_hex(32), address)
    if not dry_run:
        write_key_file(path, KeyFile([*known, entry]))
    _say_key(entry.id, "encrypts" if not known else "decrypts", path, dry_run=dry_run, as_json=as_json)


@keys.command("use", epilog=example("shipledger keys use 8f2b6c1d9e0a4f37 --file keys.json"))
@click.argument("key_id")
@click.option("--file", "path", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Key file.")
@click.option("--dry-run", is_flag=True, help="Look for the key, and write nothing.")
@json_option
def use(key_id: str, path: Path, dry_run: bool, as_json: bool) -> None:
    """Let a data key of a key file encrypt from the next start on.

    First restart all services and workers with the file that holds the key, so that all of them can decrypt with it.

    """
    from key_services.wrapped import KeyFile, read_key_file, write_key_file
    from schema.errors import SetUpError

    known = read_key_file(path).keys
    chosen = [entry for entry in known if entry.id == key_id.lower()]
    if not chosen:
        raise SetUpError(f"{path} has no key {key_id}; its keys: {', '.join(entry.id for entry in known)}")
    if not dry_run:
        write_key_file(path, KeyFile([*chosen, *(entry for entry in known if entry not in chosen)]))
    _say_key(chosen[0].id, "encrypts", path, dry_run=dry_run, as_json=as_json)


def _say_key(key_id: str, state: str, path: Path, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"key": key_id, "use": state, "file": str(path), "dry_run": dry_run}))
        return
    click.echo(f"{key_id} {state}" + ("; nothing was written (--dry-run)" if dry_run else f", see {path}"))
