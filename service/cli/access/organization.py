"""`shipledger organization`: create, list and erase organizations directly in the database."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
from pathlib import Path

import click

from service.cli.options import data_option, example, json_option


@click.group(epilog=example("shipledger organization list"))
def organization() -> None:
    """Create, list and erase organizations.

    An organization is one company. The first one is created with the first API key.

    """


@organization.command(epilog=example("shipledger organization create acme"))
@click.argument("name")
@data_option
@json_option
def create(name: str, data: Path | None, as_json: bool) -> None:
    """Create an organization and print its id."""
    from service.administration.organizations import add_organization
    from service.cli.environment import find_settings

    organization_id = asyncio.run(add_organization(find_settings(data), name))
    if as_json:
        click.echo(json.dumps({"id": organization_id, "name": name}))
        return
    click.echo(f"created organization {organization_id}")
    click.echo(f"Create a key for it with: shipledger key create --organization {organization_id}", err=True)


@organization.command("list", epilog=example("shipledger organization list"))
@data_option
@json_option
def list_(data: Path | None, as_json: bool) -> None:
    """List organizations."""
    from service.administration.organizations import list_organizations
    from service.cli.environment import find_settings
    from service.cli.tables import print_table

    found = asyncio.run(list_organizations(find_settings(data)))
    if as_json:
        click.echo(json.dumps({"items": found}))
    else:
        rows = [[row["id"], row["name"], row["created_at"]] for row in found]
        print_table(["id", "name", "created"], rows)
        for row in found:
            if row["is_being_erased"]:
                number = row["id"]
                click.echo(f"{number} is not erased completely; go on with: shipledger organization erase {number}")


@organization.command(epilog=example("shipledger organization erase 2 --dry-run"))
@click.argument("organization_id", type=click.IntRange(1))
@click.option("--dry-run", is_flag=True, help="Show how many rows would be deleted, and delete nothing.")
@click.option("--yes", is_flag=True, help="Erase without asking for the name.")
@data_option
@json_option
def erase(organization_id: int, dry_run: bool, yes: bool, data: Path | None, as_json: bool) -> None:
    """Delete an organization with all its data, keys and members.

    This cannot be undone. If it is interrupted, run it again. Backups keep the data until you delete them.

    """
    from schema.errors import SetUpError
    from service.administration.erasing import count_rows, erase_organization
    from service.administration.organizations import list_organizations
    from service.cli.environment import find_folder, find_settings
    from service.cli.progress import progress_bar
    from service.cli.tables import print_table
    from service.embedded.access import forget_key

    settings = find_settings(data)
    if dry_run:
        rows = asyncio.run(count_rows(settings, organization_id))
    else:
        names = {row["id"]: row["name"] for row in asyncio.run(list_organizations(settings))}
        if not yes and organization_id in names:
            name = names[organization_id]
            typed = click.prompt(f"This deletes all data of the organization {name}. Type its name to go on", err=True)
            if typed != name:
                raise SetUpError(f"{typed} is not the name of organization {organization_id}; nothing was deleted")
        total = sum(asyncio.run(count_rows(settings, organization_id)).values())
        with progress_bar("erasing", total) as advance:
            rows = asyncio.run(erase_organization(settings, organization_id, advance))
        folder = find_folder(data)
        if folder is not None:
            forget_key(folder, organization_id)
    if as_json:
        click.echo(json.dumps({"organization": organization_id, "dry_run": dry_run, "rows": rows}))
        return
    print_table(["table", "rows"], sorted(rows.items()))
    total = sum(rows.values())
    click.echo(
        f"would delete {total} rows; nothing was deleted (--dry-run)"
        if dry_run
        else f"erased organization {organization_id}: {total} rows"
    )
