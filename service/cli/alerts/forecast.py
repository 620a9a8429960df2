"""`shipledger forecast`: what will be spent, and when budgets are exceeded."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.options import example, json_option, service_options


@click.command("forecast", epilog=example("shipledger forecast --team checkout"))
@click.option("--team", help="Only this team.  [default: all teams and the organization]")
@json_option
@service_options
def forecast(team: str | None, as_json: bool, url: str | None, key: str | None) -> None:
    """Show what will be spent, and when budgets are exceeded.

    Of 100 intervals, 80 hold. A forecast needs four weeks of history.

    """
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        shown = client.get("/api/v1/forecasts", {"team": team} if team else None)
    if as_json:
        click.echo(json.dumps(shown))
        return
    from service.cli.tables import print_table

    heads = ["team", "model", "period", "from", "spent", "likely at the end", "80 % interval", "budget", "exceeded"]
    print_table(heads, [_row(each) for each in shown["items"]])


def _row(item: dict[str, Any]) -> list[object]:
    from service.cli.figures import money

    interval = f"{money(item['low_usd'])} \N{EN DASH} {money(item['high_usd'])}"
    if item["withheld_reason"]:
        interval = "withheld"
    return [
        item["team"] or "the organization",
        item["of_model"] or "all",
        item["period"],
        item["first_day"],
        money(item["spent_usd"]),
        money(item["likely_usd"]),
        interval,
        None if item["budget_usd"] is None else money(item["budget_usd"]),
        item["exceeded_on"],
    ]
