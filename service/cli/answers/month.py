"""`shipledger month`: what a month cost, and what it shipped."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from calendar import monthrange
from datetime import UTC, date, datetime
from typing import Any

import click

from service.cli.options import example, json_option, service_options

DIMENSIONS = ("team", "model", "repository", "workflow", "evidence", "feature")
HEADS = ("merged", "tokens", "cost", "tokens per PR", "cost per PR")


@click.command("month", epilog=example("shipledger month --by team"))
@click.argument("month", metavar="[YYYY-MM]", required=False, type=click.DateTime(["%Y-%m"]))
@click.option(
    "--by",
    "dimension",
    type=click.Choice(DIMENSIONS),
    default="team",
    show_default=True,
    help="What to split the figures by.",
)
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def month(
    month: datetime | None, dimension: str, team: str | None, as_json: bool, url: str | None, key: str | None
) -> None:
    """Show what a month cost, and what it shipped.

    The default is the present month. Months and days are UTC.

    """
    from service.client import Client, find_address

    first = (month or datetime.now(UTC)).date().replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    period = {"from": first.isoformat(), "to": last.isoformat(), **({"team": team} if team else {})}
    with Client(find_address(url, key)) as client:
        overview = client.get("/api/v1/overview", period)
        rows = _rows(client, {**period, "bucket": "month", "group_by": dimension})
    if as_json:
        click.echo(json.dumps({"month": f"{first:%Y-%m}", "overview": overview, "items": rows}))
    else:
        click.echo("\n".join(as_lines(first, overview, rows, dimension)))


def as_lines(first: date, overview: dict[str, Any], rows: list[dict[str, Any]], dimension: str) -> list[str]:
    """Format a month as lines."""
    from service.cli.figures import columns, money, short_name, tokens
    from service.cli.spending import spending_sentence

    lines = [f"{first:%B %Y}: {spending_sentence(overview)}"]
    if not rows:
        return lines
    lines += ["", "Merged pull requests, and what was spent on them:"]
    table = [[dimension, *HEADS]]
    for row in sorted(rows, key=lambda each: -float(each["cost_usd"] or -1)):
        name = short_name(row[dimension] or "(none)")
        if row["withheld_reason"]:
            table.append([name, "withheld", "", "", "", ""])
            continue
        each = row["tokens_per_merged_pr"]
        table.append(
            [
                name,
                f"{row['merged_pull_requests']:,}",
                tokens(row["tokens"]["total"]),
                money(row["cost_usd"]),
                tokens(None if each is None else round(each)),
                money(row["cost_per_merged_pr_usd"]),
            ]
        )
    reasons = sorted({row["withheld_reason"] for row in rows if row["withheld_reason"]})
    return [*lines, *columns(table), *(f"  withheld: {reason}" for reason in reasons)]


def _rows(client: Any, query: dict[str, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = client.get("/api/v1/metrics/tokens-per-pr", {**query, **({"cursor": cursor} if cursor else {})})
        rows += page["items"]
        if (cursor := page["next_cursor"]) is None:
            return rows
