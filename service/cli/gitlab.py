"""`shipledger gitlab`: what is done with GitLab beside receiving its webhooks."""

import click

from service.cli.backfill import make_backfill


@click.group()
def gitlab() -> None:
    """Fetch what GitLab already knows."""


gitlab.add_command(make_backfill("gitlab"))
