"""`shipledger spend`: what a period cost, by up to two dimensions."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.answers.pages import MOST_ROWS, notes, read_all
from service.cli.answers.period_options import period_options, query_of
from service.cli.options import example, json_option, service_options

PATH = "/api/v1/spend"


@click.command("spend", epilog=example("shipledger spend --group-by team,model --compare previous"))
@click.option(
    "--group-by", "group_by", metavar="NAME[,NAME]", help="Up to two dimensions, such as team, model or fate."
)
@period_options("12 weeks ago")
@click.option(
    "--cost-kind",
    type=click.Choice(["list", "effective", "billed"]),
    default="list",
    show_default=True,
    help="List prices, effective prices of bills, or the billed cost.",
)
@click.option(
    "--sort", type=click.Choice(["period", "cost"]), default="period", show_default=True, help="Order of rows."
)
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def spend(as_json: bool, url: str | None, key: str | None, **question: str | None) -> None:
    """Show what was spent, by up to two dimensions.

    Every row counts the tokens of its days, whatever became of them later. Rows add up to the total.

    """
    from service.client import Client, find_address

    query = query_of(question)
    with Client(find_address(url, key)) as client:
        answer = read_all(client, PATH, query, None if as_json else MOST_ROWS)
    if as_json:
        click.echo(json.dumps(answer))
        return
    click.echo(heading(answer))
    if answer["items"]:
        show_table(answer)
    for line in notes(answer):
        click.echo(line)


def heading(answer: dict[str, Any]) -> str:
    """Return the period and its total in a sentence."""
    from service.cli.figures import money, signed_money, tokens

    period = f"{answer['first_day']} to {answer['last_day']}"
    if (total := answer["total"]) is None:
        return f"{period}: withheld"
    figures = total["figures"]
    sentence = f"{period}: {money(figures['cost_usd'])} for {tokens(figures['tokens']['total'])} tokens"
    if (change := total["change"]) is not None:
        earlier = answer["compared_with"]
        sentence += f", {signed_money(change['cost_usd'])} from {earlier['first_day']} to {earlier['last_day']}"
    return sentence


def show_table(answer: dict[str, Any]) -> None:
    """Print the rows as a table."""
    from service.cli.tables import print_table

    first = answer["items"][0]
    groups = [name for name in _GROUPS if name in first]
    starts = {item["period_start"] for item in answer["items"]}
    heads = [*(["from"] if len(starts) > 1 else []), *(name.replace("_", " ") for name in groups)]
    heads += ["cost", *(["change"] if answer["compared_with"] else []), "tokens", "requests", "failed", "duration"]
    click.echo("")
    print_table(heads, [_row(item, groups, is_dated=len(starts) > 1) for item in answer["items"]])


_GROUPS = (
    *("team", "repository", "model", "provider", "workflow", "feature"),
    *("fate", "evidence", "context_tier", "prompt_version"),
)


def _row(item: dict[str, Any], groups: list[str], *, is_dated: bool) -> list[str | None]:
    from service.cli.figures import money, short_name, signed_money, tokens

    cells: list[str | None] = [item["period_start"]] if is_dated else []
    cells += [short_name(item[name] or "(none)") for name in groups]
    if (figures := item["figures"]) is None:
        return [*cells, "withheld"]
    duration = figures["mean_duration_ms"]
    return [
        *cells,
        money(figures["cost_usd"]),
        *([signed_money(item["change"]["cost_usd"])] if item["change"] else []),
        tokens(figures["tokens"]["total"]),
        f"{figures['requests']:,}",
        f"{figures['failed_requests']:,}",
        None if duration is None else f"{duration / 1000:.1f} s",
    ]
