"""`shipledger resettle`: a period by another method, once it is shown how far totals would move."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path

import click

from service.cli.options import data_option, json_option, organization_option

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--method", help="Its name, as ledger rows show it.  [default: the current one]")
@click.option("--from", "first", type=DAY, help="First day (UTC).  [default: all]")
@click.option("--to", "last", type=DAY, help="Last day, included.  [default: today]")
@click.option("--team", help="Only this team.")
@click.option("--dry-run", is_flag=True, help="Only show how far totals would move.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@organization_option
@data_option
@json_option
def resettle(
    method: str | None,
    first: datetime | None,
    last: datetime | None,
    team: str | None,
    dry_run: bool,
    yes: bool,
    organization: int | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Compute settled days again by a method, and show how far each team's totals would move before writing them.

    Nothing that was received changes, only who earned it. Days keep the method until they are settled by another one.
    """
    from schema.errors import NotFoundError
    from service.administration.organizations import find_organization, opened
    from service.cli.environment import find_settings

    settings = find_settings(data)

    async def find() -> int | None:
        async with opened(settings) as database:
            return await find_organization(database, organization)

    if (organization_id := asyncio.run(find())) is None:
        raise NotFoundError("there is no organization yet; nothing was settled")
    arguments = [
        f"--organization={organization_id}",
        *([f"--method={method}"] if method else []),
        *([f"--from={first:%Y-%m-%d}"] if first else []),
        *([f"--to={last:%Y-%m-%d}"] if last else []),
        *([f"--team={team}"] if team else []),
        *(["--dry-run"] if dry_run else []),
        *(["--yes"] if yes else []),
        *(["--json"] if as_json else []),
    ]
    os.environ["DATABASE_URL"] = settings.database_url
    os.execv(sys.executable, [sys.executable, "-P", "-m", "workers.resettlement", *arguments])  # noqa: S606 - ours
