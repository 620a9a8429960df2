"""`shipledger ledger`: where every token of a period went."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.answers.period_options import period_options, query_of
from service.cli.options import example, json_option, service_options

PATH = "/api/v1/ledger"
PARTS = ("received", "merged", "in_flight", "abandoned", "overhead", "pending", "difference")


@click.command("ledger", epilog=example("shipledger ledger --from 2026-10-01 --bucket month --compare previous"))
@click.option("--group-by", "group_by", type=click.Choice(["team"]), help="What to split the ledger by.")
@period_options("all time")
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def ledger(as_json: bool, url: str | None, key: str | None, **question: str | None) -> None:
    """Show where every token went.

    What was received is merged, in flight, abandoned, overhead, or pending.

    """
    from service.client import Client, find_address

    query = query_of(question)
    with Client(find_address(url, key)) as client:
        answer = client.get(PATH, query)
        cursor = answer.pop("next_cursor")
        while cursor is not None:
            page = client.get(PATH, {**query, "cursor": cursor})
            answer["items"] += page["items"]
            cursor = page["next_cursor"]
    click.echo(json.dumps(answer) if as_json else "\n".join(as_lines(answer)))


def as_lines(answer: dict[str, Any]) -> list[str]:
    """Format a ledger as lines: its parts, then its items if there are several."""
    from service.cli.figures import columns, money, signed_money, tokens

    if answer["withheld_reason"]:
        return [f"withheld: {answer['withheld_reason']}"]
    change = answer["change"]
    table = [["", "tokens", "cost", *(["change"] if change else [])]]
    for part in PARTS:
        amounts = answer[part]
        row = [part.replace("_", " "), tokens(amounts["total"]), money(amounts["cost_usd"])]
        table.append([*row, *([signed_money(change[part]["cost_usd"])] if change else [])])
    lines = [f"{answer['first_day'] or 'the beginning'} to {answer['last_day'] or 'now'}:", *columns(table)]
    items = answer["items"]
    if len(items) < 2 and not any("team" in item for item in items):  # noqa: PLR2004 - one item is the whole
        return lines
    heads = ["from", *(["team"] if "team" in items[0] else []), *(part.replace("_", " ") for part in PARTS[:-1])]
    rows = [_row(item, len(heads)) for item in items]
    reasons = sorted({item["withheld_reason"] for item in items if item["withheld_reason"]})
    return [*lines, "", *columns([heads, *rows]), *(f"  withheld: {reason}" for reason in reasons)]


def _row(item: dict[str, Any], width: int) -> list[str]:
    from service.cli.figures import money, short_name

    row = [item["period_start"] or "", *([short_name(item["team"])] if "team" in item else [])]
    if (parts := item["parts"]) is None:
        row.append("withheld")
    else:
        row += [money(parts[part]["cost_usd"]) for part in PARTS[:-1]]
    return [*row, *("" for _ in range(width - len(row)))]
