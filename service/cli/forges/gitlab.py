"""`shipledger gitlab`: the commands for GitLab."""

import click

from service.cli.forges.backfill import make_backfill
from service.cli.forges.gitlab_register import list_, register, remove
from service.cli.forges.redeliver import make_redeliver
from service.cli.forges.summaries import make_summaries
from service.cli.options import ServiceGroup, example, group_service_options


@click.group(cls=ServiceGroup, epilog=example("shipledger gitlab register --group acme"))
@group_service_options
def gitlab() -> None:
    """Connect GitLab, fetch its history, and show figures there."""


gitlab.add_command(register)
gitlab.add_command(list_)
gitlab.add_command(remove)
gitlab.add_command(make_backfill("gitlab"))
gitlab.add_command(make_summaries("gitlab"))
gitlab.add_command(make_redeliver("gitlab"))
