"""`python -m workers.resettlement`, run by `shipledger resettle` with DATABASE_URL in the environment."""

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from schema.database import Database
from schema.errors import BadInputError, ShipledgerError
from schema.settings import load_settings
from workers.attribution.methods import CURRENT, METHODS, Method
from workers.resettlement.movement import PLACES, Movement
from workers.resettlement.period import Period, find_teams, preview, write


@click.command()
@click.option("--organization", type=int, required=True)
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--team")
@click.option("--method", default=CURRENT.name)
@click.option("--dry-run", is_flag=True)
@click.option("--yes", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
def main(
    organization: int,
    first: datetime | None,
    last: datetime | None,
    team: str | None,
    method: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Preview the change in totals, and write it after confirmation."""
    try:
        chosen = _method(method)
        period = Period(organization, _day(first, date.min), _day(last, datetime.now(UTC).date()), team)
        movements = asyncio.run(_preview(period, chosen))
        show(movements, chosen, as_json=as_json)
        if dry_run or not (yes or click.confirm("Write this?", err=True)):
            return
        asyncio.run(_write(period, chosen))
    except ShipledgerError as error:
        message = f"{error.field}: {error.detail}" if error.field else error.detail
        click.echo(f"error: {message}", err=True)
        sys.exit(1)


def _method(name: str) -> Method:
    if name not in METHODS:
        raise BadInputError(f"must be one of {', '.join(METHODS)}", field="--method")
    return METHODS[name]


def _day(instant: datetime | None, otherwise: date) -> date:
    return instant.date() if instant else otherwise


async def _preview(period: Period, method: Method) -> list[Movement]:
    settings = load_settings()
    database = Database(settings.worker_url, 2, is_pooled=settings.transaction_pooling)
    await database.open()
    try:
        teams = await find_teams(database, period)
        return [movement async for movement in preview(database, period, teams, method)]
    finally:
        await database.close()


async def _write(period: Period, method: Method) -> None:
    settings = load_settings()
    database = Database(settings.worker_url, 2, is_pooled=settings.transaction_pooling)
    await database.open()
    try:
        teams = await find_teams(database, period)
        names = write(database, period, teams, method)
        for _ in track(teams, "writing", console=Console(stderr=True), transient=True):
            await anext(names)
    finally:
        await database.close()


def show(movements: Sequence[Movement], method: Method, *, as_json: bool) -> None:
    """Print the movements, one row per team."""
    if as_json:
        click.echo(json.dumps({"method": method.name, "items": [_shown(each) for each in movements]}))
        return
    table = Table("team", "days", *PLACES, "moved", title=f"Tokens now → by {method.name}")
    for each in movements:
        places = [f"{each.before[place]:,} → {each.after[place]:,}" for place in PLACES]
        table.add_row(each.team, str(each.days), *places, f"{each.moved / max(1, each.total):.1%}")
    Console().print(table)


def _shown(movement: Movement) -> dict[str, Any]:
    return {
        "team": movement.team,
        "days": movement.days,
        "before": dict(movement.before),
        "after": dict(movement.after),
        "moved": movement.moved,
    }


if __name__ == "__main__":
    main()
