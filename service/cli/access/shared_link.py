"""`shipledger shared-link`: read-only links to one view of the dashboard."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from datetime import timedelta
from uuid import UUID

import click

from service.cli.access.durations import DURATION
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

PATH = "/api/v1/shared-links"


@click.group("shared-link", cls=ServiceGroup, epilog=example("shipledger shared-link list"))
@group_service_options
def shared_link() -> None:
    """Share one view of the dashboard, read-only.

    Who opens the link sees that page and its file, and nothing else.

    """


@shared_link.command(epilog=example("shipledger shared-link create '/spend?period=4w' --expires 7d"))
@click.argument("view")
@click.option("--team", help="Team that the view is limited to.  [default: all teams]")
@click.option(
    "--expires", type=DURATION, default="7d", show_default=True, help="When the link stops working, at most 366d."
)
@json_option
@service_options
def create(view: str, team: str | None, expires: timedelta, as_json: bool, url: str | None, key: str | None) -> None:
    """Print a link to VIEW, a page's path and query."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        made = client.post(PATH, {"view": view, "team": team, "expires_in": int(expires.total_seconds())})
    if as_json:
        click.echo(json.dumps(made))
        return
    click.echo(made["url"])
    click.echo(f"It shows {made['view']} until {made['expires_at']}. It is shown only now.", err=True)
    click.echo(f"Revoke it with: shipledger shared-link revoke {made['id']}", err=True)


@shared_link.command("list", epilog=example("shipledger shared-link list"))
@json_option
@service_options
def list_(as_json: bool, url: str | None, key: str | None) -> None:
    """List shared links, and how often each was opened."""
    from service.cli.tables import print_table
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        found = client.items(PATH)
    if as_json:
        click.echo(json.dumps({"items": found}))
        return
    names = ("id", "view", "team", "expires_at", "revoked_at", "times_opened", "opened_at")
    heads = ["id", "view", "team", "expires", "revoked", "opened", "last opened"]
    print_table(heads, [[each[name] for name in names] for each in found])


@shared_link.command(epilog=example("shipledger shared-link revoke 3f0c8e5e-7c53-4c0e-9f0e-8f9d8c0b7a61"))
@click.argument("link_id", type=click.UUID)
@service_options
def revoke(link_id: UUID, url: str | None, key: str | None) -> None:
    """Revoke a shared link, also for who opened it."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        client.delete(f"{PATH}/{link_id}")
    click.echo(f"revoked {link_id}")
