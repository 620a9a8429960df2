"""`shipledger github`: what is done with GitHub beside receiving its webhooks."""

import click

from service.cli.backfill import make_backfill


@click.group()
def github() -> None:
    """Fetch what GitHub already knows."""


github.add_command(make_backfill("github"))
