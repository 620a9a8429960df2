"""`shipledger key`: manage API keys directly in the database, so that the first one needs no other key."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
from datetime import timedelta
from pathlib import Path
from shlex import quote
from uuid import UUID

import click

from service.cli.access.durations import DURATION
from service.cli.options import data_option, example, json_option, organization_option

# Column heads of the table, and the fields they show.
COLUMNS = {
    "id": "id",
    "name": "name",
    "scopes": "scopes",
    "team": "team",
    "created": "created_at",
    "last used": "last_used_at",
    "expires": "expires_at",
    "revoked": "revoked_at",
}
SCOPES = ("intake", "read", "audit", "admin", "owner")


@click.group(epilog=example("shipledger key list"))
def key() -> None:
    """Create, list and revoke API keys.

    The key itself is shown once, when you create it.

    """


@key.command(epilog=example("shipledger key create --name ci --scope intake --expires 90d"))
@click.option("--name", default="command line", show_default=True, help="Purpose of the key.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=("owner",),
    show_default=True,
    help="What the key may do; owner may do everything. Repeatable.",
)
@click.option("--team", help="Team that everything sent with the key belongs to; created if there is none.")
@click.option("--expires", type=DURATION, help="When it stops working, such as 90d.  [default: never]")
@organization_option
@data_option
@json_option
def create(
    name: str,
    scopes: tuple[str, ...],
    team: str | None,
    expires: timedelta | None,
    organization: int | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Create an API key and print it.

    Creates the team of --team, and the first organization, if they do not exist yet.

    """
    from service.administration.keys import create_key
    from service.cli.environment import find_settings

    created = asyncio.run(create_key(find_settings(data), organization, name, scopes, team, expires))
    if as_json:
        click.echo(json.dumps({"key": created.text, "team": team, "is_new_team": created.is_new_team}))
        return
    click.echo(created.text)
    # Not on standard output, which scripts read the key from.
    click.echo(f"Its scope is {' and '.join(scopes)}. It is shown only now.", err=True)
    if created.is_new_team:
        click.echo(
            f"Created the team {team}. Set its size with: shipledger teams set {quote(str(team))} --size 8", err=True
        )


@key.command("list", epilog=example("shipledger key list"))
@organization_option
@data_option
@json_option
def list_(organization: int | None, data: Path | None, as_json: bool) -> None:
    """List API keys, including revoked ones."""
    from service.administration.keys import list_keys
    from service.cli.environment import find_settings
    from service.cli.tables import print_table

    keys = asyncio.run(list_keys(find_settings(data), organization))
    if as_json:
        click.echo(json.dumps({"items": keys}))
    else:
        rows = [{**row, "scopes": " ".join(row["scopes"])} for row in keys]
        print_table(list(COLUMNS), [[row[column] for column in COLUMNS.values()] for row in rows])


@key.command(epilog=example("shipledger key revoke 3f0c8e5e-7c53-4c0e-9f0e-8f9d8c0b7a61"))
@click.argument("key_id", type=click.UUID)
@organization_option
@data_option
def revoke(key_id: UUID, organization: int | None, data: Path | None) -> None:
    """Revoke an API key by its id.

    A running service refuses it within 5 seconds.

    """
    from service.administration.keys import revoke_key
    from service.cli.environment import find_settings

    asyncio.run(revoke_key(find_settings(data), organization, key_id))
    click.echo(f"revoked {key_id}")
