"""`shipledger labels`: turn names of repositories, pull requests and releases on or off."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

PATH = "/api/v1/labels"


@click.group(cls=ServiceGroup, epilog=example("shipledger labels on"))
@group_service_options
def labels() -> None:
    """Show pull requests, releases and repositories by name.

    Without labels, Shipledger stores names only as keyed hashes, and shows ids instead.

    """


@labels.command(epilog=example("shipledger labels status"))
@json_option
@service_options
def status(as_json: bool, url: str | None, key: str | None) -> None:
    """Show whether labels are on, and how many names are known."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        _show(client.get(PATH), as_json=as_json)


@labels.command(epilog=example("shipledger labels on"))
@click.option("--dry-run", is_flag=True, help="Show the present state, and change nothing.")
@json_option
@service_options
def on(dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Store and show names, such as octo-org/octo-repo#7.

    Names are stored as text from now on. No name of a person is ever stored.

    """
    _switch(url, key, enabled=True, dry_run=dry_run, as_json=as_json)


@labels.command(epilog=example("shipledger labels off --dry-run"))
@click.option("--dry-run", is_flag=True, help="Show the names that would be deleted, and change nothing.")
@json_option
@service_options
def off(dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Delete all stored names, and store none from now on."""
    _switch(url, key, enabled=False, dry_run=dry_run, as_json=as_json)


def _switch(url: str | None, key: str | None, *, enabled: bool, dry_run: bool, as_json: bool) -> None:
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        # A dry run reads only, so that a key without the scope admin may try it.
        shown = client.get(PATH) if dry_run else client.put(PATH, {"enabled": enabled})
    _show({**shown, "dry_run": True} if dry_run else shown, as_json=as_json)


def _show(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(shown))
        return
    click.echo(f"labels are {'on' if shown['enabled'] else 'off'}")
    kinds = [(name, shown[name.replace(" ", "_")]) for name in ("repositories", "pull requests", "releases")]
    for name, count in kinds:
        click.echo(f"  {count['labelled']:,} of {count['total']:,} {name} have a name")
    if shown["next_step"]:
        click.echo(shown["next_step"])
    if shown.get("dry_run"):
        click.echo("nothing was changed (--dry-run)")
