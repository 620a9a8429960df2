"""`shipledger github`: what is done with GitHub beside receiving its webhooks."""

import click

from service.cli.backfill import make_backfill
from service.cli.create_app import create_app


@click.group()
def github() -> None:
    """Register a GitHub App, and fetch what GitHub already knows."""


github.add_command(create_app)
github.add_command(make_backfill("github"))
