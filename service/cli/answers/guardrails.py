"""`shipledger guardrails`: what refused requests and their retries cost."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.answers.pages import MOST_ROWS, group_cells, group_heads, notes, read_all
from service.cli.answers.period_options import bucket_options, group_option, query_of
from service.cli.options import example, json_option, service_options

HEADS = ("refused", "retries", "cost of refused", "cost of retries", "cost")


@click.command("guardrails", epilog=example("shipledger guardrails --group-by workflow"))
@group_option("team", "model", "provider", "workflow", "prompt_version")
@bucket_options("12 weeks ago")
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def guardrails(as_json: bool, url: str | None, key: str | None, **question: str | None) -> None:
    """Show what refused requests and retries cost.

    Both were paid for. Report them with the attribute shipledger.guardrail.

    """
    from service.cli.tables import print_table
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        answer = read_all(client, "/api/v1/guardrails", query_of(question), None if as_json else MOST_ROWS)
    if as_json:
        click.echo(json.dumps(answer))
        return
    click.echo(heading(answer))
    if answer["items"]:
        heads = group_heads(answer["items"], question["group_by"])
        print_table([*heads, *HEADS], [_row(item, heads, question["group_by"]) for item in answer["items"]])
    for line in notes(answer):
        click.echo(line)


def heading(answer: dict[str, Any]) -> str:
    """Return the period and what guardrails cost in it."""
    from service.cli.figures import money

    period = f"{answer['first_day']} to {answer['last_day']}"
    if answer["total"] is None:
        return f"{period}: withheld"
    share = answer["share_of_cost"]
    part = "" if share is None else f", {100 * share:.1f} % of all spend"
    return f"{period}: {money(answer['total']['cost_usd'])} for refused requests and retries{part}"


def _row(item: dict[str, Any], heads: list[str], group_by: str | None) -> list[str]:
    from service.cli.figures import money

    cells = group_cells(item, heads, group_by)
    if (figures := item["figures"]) is None:
        return [*cells, "withheld"]
    parts = [figures["refused"], figures["retries"]]
    return [
        *cells,
        *(f"{part['requests']:,}" for part in parts),
        *(money(part["cost_usd"]) for part in parts),
        money(figures["cost_usd"]),
    ]
