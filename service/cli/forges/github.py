"""`shipledger github`: what is done with GitHub beside receiving its webhooks."""

import click

from service.cli.forges.backfill import make_backfill
from service.cli.forges.create_app import create_app
from service.cli.forges.redeliver import make_redeliver
from service.cli.forges.summaries import make_summaries


@click.group()
def github() -> None:
    """Register a GitHub App, fetch what GitHub knows, bring back what it could not deliver, and show figures there."""


github.add_command(create_app)
github.add_command(make_backfill("github"))
github.add_command(make_redeliver("github"))
github.add_command(make_summaries("github"))
