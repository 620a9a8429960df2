"""`shipledger migrate`: create or upgrade the database's tables."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio

import click

from service.cli.options import example


@click.command(epilog=example("shipledger migrate"))
@click.option("--dry-run", is_flag=True, help="List the migrations that would run, and run none.")
def migrate(dry_run: bool) -> None:
    """Create or upgrade the database's tables.

    Migrates the database at DATABASE_URL to the newest revision. Safe to run at any time, also several times at once.

    """
    from service.administration import migrations
    from service.cli.environment import find_settings

    url = find_settings().database_url
    pending = migrations.pending(asyncio.run(migrations.current(url)))
    for step in pending:
        click.echo(f"{'pending' if dry_run else 'running'} {step}")
    if not pending:
        click.echo(f"up to date at {migrations.head()}")
    elif not dry_run:
        migrations.upgrade(url)
        click.echo(f"migrated to {migrations.head()}")
