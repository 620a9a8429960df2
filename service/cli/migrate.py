"""`shipledger migrate`: the database's tables."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio

import click


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list the migrations that would run.")
def migrate(dry_run: bool) -> None:
    """Bring the database at DATABASE_URL to the newest revision; safe to run at any time, and by several at once."""
    from schema import migrations
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
