"""`shipledger migrate`: create or upgrade the database's tables."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
from collections.abc import Sequence

import click

from service.cli.options import example


@click.command(epilog=example("shipledger migrate"))
@click.option("--dry-run", is_flag=True, help="List the migrations that would run, and run none.")
def migrate(dry_run: bool) -> None:
    """Create or upgrade the database's tables.

    Migrates the database at SHIPLEDGER_OWNER_DATABASE_URL, or else at DATABASE_URL, to the newest revision, and sets up
    the roles of service and workers. Safe to run at any time, also several times at once.

    """
    from service.administration import migrations
    from service.administration.roles import passwords
    from service.cli.environment import find_settings

    settings = find_settings()
    pending = migrations.pending(asyncio.run(migrations.current(settings.owner_url)))
    for step in pending:
        click.echo(f"{'pending' if dry_run else 'running'} {step}")
    if not pending:
        click.echo(f"up to date at {migrations.head()}")
    if dry_run:
        return
    known = passwords(settings.database_url, settings.worker_url)
    by_a_superuser = migrations.upgrade(settings.owner_url, known)
    if pending:
        click.echo(f"migrated to {migrations.head()}")
    say_missing_rights(by_a_superuser)


def say_missing_rights(statements: Sequence[str]) -> None:
    """Say which statements a superuser must run; nothing if there are none."""
    if not statements:
        return
    click.echo("To separate the roles of service and workers, run these statements as a superuser:", err=True)
    for statement in statements:
        click.echo(f"  {statement}", err=True)
    click.echo("Then run `shipledger migrate` again; see docs/security.md", err=True)
