"""`shipledger key`: API keys, straight in the database, so that a first one can be had without another."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
from pathlib import Path
from uuid import UUID

import click

from service.cli.options import data_option, json_option, organization_option

SCOPES = ("intake", "read", "admin")


@click.group()
def key() -> None:
    """Create, list and revoke API keys. The text of a key is shown once, when it is made."""


@key.command()
@click.option("--name", default="command line", show_default=True, help="What the key is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=("admin",),
    show_default=True,
    help="What it may do; may be repeated. admin may do everything.",
)
@click.option("--team", help="Name of the team that everything sent with it belongs to.")
@organization_option
@data_option
def create(name: str, scopes: tuple[str, ...], team: str | None, organization: int | None, data: Path | None) -> None:
    """Make a key and print it. Makes the first organization, too, when there is none."""
    from service.administration.keys import create_key
    from service.cli.environment import find_settings

    click.echo(asyncio.run(create_key(find_settings(data), organization, name, scopes, team)))


@key.command("list")
@organization_option
@data_option
@json_option
def list_(organization: int | None, data: Path | None, as_json: bool) -> None:
    """List keys, revoked ones too."""
    from service.administration.keys import list_keys
    from service.cli.environment import find_settings
    from service.cli.tables import print_table

    keys = asyncio.run(list_keys(find_settings(data), organization))
    if as_json:
        click.echo(json.dumps({"items": keys}))
    else:
        print_table(
            ["id", "name", "scopes", "team", "created", "revoked"],
            [[*list(row.values())[:2], " ".join(row["scopes"]), *list(row.values())[3:]] for row in keys],
        )


@key.command()
@click.argument("key_id", type=click.UUID)
@organization_option
@data_option
def revoke(key_id: UUID, organization: int | None, data: Path | None) -> None:
    """Revoke a key by its id; a running service refuses it within 30 seconds."""
    from service.administration.keys import revoke_key
    from service.cli.environment import find_settings

    asyncio.run(revoke_key(find_settings(data), organization, key_id))
    click.echo(f"revoked {key_id}")
