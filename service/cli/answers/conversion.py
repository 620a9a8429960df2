"""`shipledger conversion`: how much of spend was merged, released and reverted."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.answers.pages import MOST_ROWS, group_cells, group_heads, notes, read_all
from service.cli.answers.period_options import bucket_options, group_option, query_of
from service.cli.options import example, json_option, service_options

HEADS = ("cost", "merged", "released", "reverted")


@click.command("conversion", epilog=example("shipledger conversion --group-by team --bucket month"))
@group_option("team", "repository", "model", "provider", "workflow", "feature")
@bucket_options("12 weeks ago")
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def conversion(as_json: bool, url: str | None, key: str | None, **question: str | None) -> None:
    """Show how much of spend was merged and released.

    The shares are of cost: merged of all spend, released and reverted of what was merged.

    """
    from service.cli.tables import print_table
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        answer = read_all(client, "/api/v1/metrics/conversion", query_of(question), None if as_json else MOST_ROWS)
    if as_json:
        click.echo(json.dumps(answer))
        return
    click.echo(f"{answer['first_day']} to {answer['last_day']}")
    heads = group_heads(answer["items"], question["group_by"])
    print_table([*heads, *HEADS], [_row(item, heads, question["group_by"]) for item in answer["items"]])
    for line in notes(answer):
        click.echo(line)


def _row(item: dict[str, Any], heads: list[str], group_by: str | None) -> list[str | None]:
    from service.cli.figures import money

    cells: list[str | None] = [*group_cells(item, heads, group_by)]
    if (shares := item["of_cost"]) is None:
        return [*cells, "withheld"]
    shown = [None if shares[name] is None else f"{100 * shares[name]:.0f} %" for name in HEADS[1:]]
    return [*cells, money(item["cost_usd"]), *shown]
