"""`shipledger github`: the commands for GitHub."""

import click

from service.cli.forges.backfill import make_backfill
from service.cli.forges.create_app import create_app
from service.cli.forges.redeliver import make_redeliver
from service.cli.forges.summaries import make_summaries
from service.cli.options import ServiceGroup, example, group_service_options


@click.group(cls=ServiceGroup, epilog=example("shipledger github create-app"))
@group_service_options
def github() -> None:
    """Connect GitHub, fetch its history, and show figures there."""


github.add_command(create_app)
github.add_command(make_backfill("github"))
github.add_command(make_redeliver("github"))
github.add_command(make_summaries("github"))
