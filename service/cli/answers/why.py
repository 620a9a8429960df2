"""`shipledger why`: why spend changed from one period to another."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

from service.cli.options import example, json_option, service_options

LONGEST_NAME = 20
HEADS = ("change", "requests", "size", "models", "cache", "prices")
CAUSES = ("volume", "size", "model_mix", "cache", "price")


@click.command("why", epilog=example("shipledger why 2026-10 --compare year"))
@click.argument("month", metavar="[YYYY-MM]", required=False, type=click.DateTime(["%Y-%m"]))
@click.option(
    "--compare",
    metavar="previous|year|FROM..TO",
    default="previous",
    show_default=True,
    help="The period before, the same period a year before, or a range of days.",
)
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def why(
    month: datetime | None, compare: str, team: str | None, as_json: bool, url: str | None, key: str | None
) -> None:
    """Show why spend changed from one period to another.

    The default is the last four full weeks. Months and days are UTC.

    """
    from service.client import Client, find_address

    query = {"compare": compare, **(days_of(month.date(), datetime.now(UTC).date()) if month else {})}
    with Client(find_address(url, key)) as client:
        change = client.get("/api/v1/spend/change", {**query, **({"team": team} if team else {})})
    click.echo(json.dumps(change) if as_json else "\n".join(as_lines(change)))


def days_of(month: date, today: date) -> dict[str, str]:
    """Return the days of a month as a query, in the present month only those that are over."""
    last = month.replace(day=monthrange(month.year, month.month)[1])
    if month <= today <= last:
        last = max(month, today - timedelta(days=1))
    return {"from": month.isoformat(), "to": last.isoformat()}


def as_lines(change: dict[str, Any]) -> list[str]:
    """Format a change as lines."""
    from service.cli.figures import columns, signed_money

    lines = [f"{_days(change, '')}, compared with {_days(change, 'compared_')}:", change["sentence"]]
    if not change["items"]:
        return lines
    table = [["team", *HEADS]]
    table += [
        [_name(item), *map(signed_money, (item["change_usd"], *(item["causes"][f"{cause}_usd"] for cause in CAUSES)))]
        for item in change["items"]
    ]
    together = [f"  {_name(item)}: {item['together_reason']}" for item in change["items"] if item["together_reason"]]
    return [*lines, "", *columns(table), *together]


def _days(change: dict[str, Any], prefix: str) -> str:
    return f"{change[f'{prefix}first_day']} to {change[f'{prefix}last_day']}"


def _name(item: dict[str, Any]) -> str:
    from service.cli.figures import short_name

    return short_name(item["team"], LONGEST_NAME) if item["team"] else f"{item['teams']} teams together"
