"""`shipledger ownership`: the total cost of ownership, and estimates of energy and carbon."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.answers.pages import MOST_ROWS, group_cells, group_heads, notes, read_all
from service.cli.answers.period_options import bucket_options, group_option, query_of
from service.cli.options import example, json_option, service_options

HEADS = ("tokens", "overhead", "total", "energy", "carbon")
ESTIMATES = {"energy_kwh": "kWh", "carbon_kg": "kg"}


@click.command("ownership", epilog=example("shipledger ownership --group-by provider --bucket month"))
@group_option("team", "repository", "model", "provider", "workflow", "feature")
@bucket_options("12 weeks ago")
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def ownership(as_json: bool, url: str | None, key: str | None, **question: str | None) -> None:
    """Show token cost with overhead, and energy.

    Set the factors with shipledger overhead set. Energy and carbon are ranges from published factors.

    """
    from service.cli.tables import print_table
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        answer = read_all(client, "/api/v1/ownership", query_of(question), None if as_json else MOST_ROWS)
    if as_json:
        click.echo(json.dumps(answer))
        return
    click.echo(heading(answer))
    if answer["items"]:
        heads = group_heads(answer["items"], question["group_by"])
        print_table([*heads, *HEADS], [_row(item, heads, question["group_by"]) for item in answer["items"]])
    for line in [*notes(answer), "", answer["estimates"]]:
        click.echo(line)


def heading(answer: dict[str, Any]) -> str:
    """Return the period and its total cost of ownership."""
    from service.cli.figures import money

    period = f"{answer['first_day']} to {answer['last_day']}"
    if (total := answer["total"]) is None:
        return f"{period}: withheld"
    overhead = money(total["overhead"]["total_usd"])
    return f"{period}: {money(total['total_cost_of_ownership_usd'])}, of which {overhead} of overhead"


def _row(item: dict[str, Any], heads: list[str], group_by: str | None) -> list[str]:
    from service.cli.figures import money

    cells = group_cells(item, heads, group_by)
    if (figures := item["figures"]) is None:
        return [*cells, "withheld"]
    return [
        *cells,
        money(figures["token_cost_usd"]),
        money(figures["overhead"]["total_usd"]),
        money(figures["total_cost_of_ownership_usd"]),
        *(f"{figures[name]['low']:,.1f} to {figures[name]['high']:,.1f} {unit}" for name, unit in ESTIMATES.items()),
    ]
