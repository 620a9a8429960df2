"""`shipledger dashboard-link`: a link that signs a browser in once, in every deployment."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
from datetime import timedelta
from pathlib import Path

import click

from service.cli.access.durations import DURATION
from service.cli.options import data_option, example, json_option, organization_option, service_options

PATH = "/api/v1/dashboard-links"
ROLES = ("viewer", "auditor", "admin", "owner")


@click.command("dashboard-link", epilog=example("shipledger dashboard-link --role viewer --expires 1h"))
@click.option(
    "--role", type=click.Choice(ROLES), default="owner", show_default=True, help="Role of who opens the link."
)
@click.option("--team", help="Team that the role is limited to.  [default: all teams]")
@click.option(
    "--expires", type=DURATION, default="1h", show_default=True, help="When the link stops working, at most 7d."
)
@organization_option
@data_option
@json_option
@service_options
def dashboard_link(
    role: str,
    team: str | None,
    expires: timedelta,
    organization: int | None,
    data: Path | None,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Print a link that opens the dashboard, once.

    Uses the database if it is known here, and otherwise the REST API with a key that has this
    role or a higher one.

    """
    from service.auth.sign_in import LONGEST_LINK_LIFETIME
    from service.cli.environment import has_database

    if expires > LONGEST_LINK_LIFETIME:
        raise click.UsageError("--expires must be at most 7d")
    is_local = data is not None or has_database(url)
    link = (
        _from_database(role, team, expires, organization, data)
        if is_local
        else _from_service(role, team, expires, url, key)
    )
    if as_json:
        click.echo(json.dumps({"url": link, "role": role, "team": team}))
        return
    click.echo(link)
    click.echo(f"It opens the dashboard once, with the role {role}.", err=True)


def _from_database(role: str, team: str | None, expires: timedelta, organization: int | None, data: Path | None) -> str:
    from service.administration.dashboard_links import create_dashboard_link
    from service.auth.roles import Role
    from service.auth.sign_in import sign_in_url
    from service.cli.environment import find_settings, find_url

    settings = find_settings(data)
    token = asyncio.run(create_dashboard_link(settings, organization, Role(role), team, expires))
    return sign_in_url(settings.public_url or find_url(settings, data), token)


def _from_service(role: str, team: str | None, expires: timedelta, url: str | None, key: str | None) -> str:
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        made = client.post(PATH, {"role": role, "team": team, "expires_in": int(expires.total_seconds())})
    return str(made["url"])
