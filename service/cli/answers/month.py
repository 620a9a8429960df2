"""`shipledger month`: what a month cost, and what it shipped."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from calendar import monthrange
from datetime import UTC, date, datetime
from typing import Any

import click

from service.cli.options import example, json_option, service_options

DIMENSIONS = ("team", "repository", "model", "workflow", "feature", "evidence")
HEADS = ("merged", "tokens", "cost", "tokens per PR", "cost per PR")


@click.command("month", epilog=example("shipledger month --by team"))
@click.argument("month", metavar="[YYYY-MM]", required=False, type=click.DateTime(["%Y-%m"]))
@click.option(
    "--group-by",
    "--by",
    "group_by",
    metavar="NAME[,NAME]",
    default="team",
    show_default=True,
    help=f"Up to two of {', '.join(DIMENSIONS)}.",
)
@click.option(
    "--bucket",
    type=click.Choice(["day", "week", "month"]),
    default="month",
    show_default=True,
    help="Length of each period.",
)
@click.option("--compare", type=click.Choice(["previous", "year"]), help="Show the change from an earlier month.")
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def month(
    month: datetime | None, team: str | None, as_json: bool, url: str | None, key: str | None, **cut: str | None
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
        rows = _rows(client, {**period, **{name: value for name, value in cut.items() if value}})
    if as_json:
        click.echo(json.dumps({"month": f"{first:%Y-%m}", "overview": overview, "items": rows}))
    else:
        click.echo("\n".join(as_lines(first, overview, rows)))


def as_lines(first: date, overview: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    """Format a month as lines."""
    from service.cli.figures import LONGEST_NAME, columns, short_name
    from service.cli.spending import spending_sentence

    lines = [f"{first:%B %Y}: {spending_sentence(overview)}"]
    if not rows:
        return lines
    lines += ["", "Merged pull requests, and what was spent on them:"]
    groups = [name for name in DIMENSIONS if name in rows[0]]
    starts = {row["period_start"] for row in rows}
    is_dated, is_compared = len(starts) > 1, "change" in rows[0]
    heads = [*(["from"] if is_dated else []), *groups, *HEADS, *(["change"] if is_compared else [])]
    table = [heads]
    order = sorted(rows, key=lambda each: (each["period_start"] if is_dated else "", -float(each["cost_usd"] or -1)))
    for row in order:
        names = [short_name(row[name] or "(none)", LONGEST_NAME // len(groups)) for name in groups]
        cells = [*([row["period_start"]] if is_dated else []), *names, *_figures(row)]
        table.append([*cells, *("" for _ in heads[len(cells) :])])
    reasons = sorted({row["withheld_reason"] for row in rows if row["withheld_reason"]})
    return [*lines, *columns(table), *(f"  withheld: {reason}" for reason in reasons)]


def _figures(row: dict[str, Any]) -> list[str]:
    from service.cli.figures import money, signed_money, tokens

    if row["withheld_reason"]:
        return ["withheld"]
    each = row["tokens_per_merged_pr"]
    return [
        f"{row['merged_pull_requests']:,}",
        tokens(row["tokens"]["total"]),
        money(row["cost_usd"]),
        tokens(None if each is None else round(each)),
        money(row["cost_per_merged_pr_usd"]),
        *([signed_money(row["change"]["cost_usd"])] if "change" in row else []),
    ]


def _rows(client: Any, query: dict[str, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = client.get("/api/v1/metrics/tokens-per-pr", {**query, **({"cursor": cursor} if cursor else {})})
        rows += page["items"]
        if (cursor := page["next_cursor"]) is None:
            return rows
