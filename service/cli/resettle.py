"""`shipledger resettle`: show how totals would change with another method, then recompute the period."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path

import click

from service.cli.options import data_option, example, json_option, organization_option

DAY = click.DateTime(["%Y-%m-%d"])


@click.command(epilog=example("shipledger resettle --from 2026-11-01 --dry-run"))
@click.option("--method", help="Name of the method, as in ledger rows.  [default: the current one]")
@click.option("--from", "first", type=DAY, help="First UTC day, as YYYY-MM-DD.  [default: all]")
@click.option("--to", "last", type=DAY, help="Last UTC day, inclusive, as YYYY-MM-DD.  [default: today]")
@click.option("--team", help="Only this team.")
@click.option("--dry-run", is_flag=True, help="Show how totals would change, and write nothing.")
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
    """Recompute a period with another method.

    Shows how each team's totals would change before it writes them. Received tokens stay the same; only their
    attribution changes. The days keep this method until you settle them with another.

    """
    from schema.errors import NotFoundError
    from service.administration.organizations import find_organization, opened
    from service.cli.environment import find_settings

    settings = find_settings(data)

    async def find() -> int | None:
        async with opened(settings) as database:
            return await find_organization(database, organization)

    if (organization_id := asyncio.run(find())) is None:
        raise NotFoundError(
            "there is no organization yet, so nothing was settled; create one with: shipledger key create"
        )
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
    os.environ["DATABASE_URL"] = settings.worker_url
    os.execv(sys.executable, [sys.executable, "-P", "-m", "workers.resettlement", *arguments])  # noqa: S606 - ours
