"""`shipledger github`: what is done with GitHub beside receiving its webhooks."""

import click

from service.cli.backfill import make_backfill
from service.cli.create_app import create_app
from service.cli.redeliver import make_redeliver


@click.group()
def github() -> None:
    """Register a GitHub App, fetch what GitHub already knows, and bring back what it could not deliver."""


github.add_command(create_app)
github.add_command(make_backfill("github"))
github.add_command(make_redeliver("github"))
