"""The demo's answer in the terminal: tokens and dollars per merged pull request, and the ledger's sum."""

from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schema.tokens import nano_usd
from service.client import Client
from service.dashboard.numbers import NOTHING, exact_count, short_count, short_usd

PARTS = ("merged", "in_flight", "abandoned", "overhead", "pending")
NARROWEST_BY_WEEK = 110


def print_tables(console: Console, client: Client, begins: date, ends: date) -> bool:
    """Print both for the days from `begins` to `ends`, both included; returns whether the ledger's difference is 0."""
    days = {"from": begins.isoformat(), "to": ends.isoformat()}
    console.print(_by_team_and_week(client, days, console.width))
    ledger = client.get("/api/v1/ledger", days)
    console.print(conservation_line(ledger))
    return is_balanced(ledger)


def is_balanced(ledger: dict[str, Any]) -> bool:
    """Whether received is the sum of its parts, to the token and the nano-dollar."""
    return all(Decimal(str(value)) == 0 for value in ledger["difference"].values())


def conservation_line(ledger: dict[str, Any]) -> Text:
    """`Received 495,480,020 = merged … + …; difference 0`."""
    sums = " + ".join(f"{part.replace('_', ' ')} {exact_count(ledger[part]['total'])}" for part in PARTS)
    line = Text(f"Received {exact_count(ledger['received']['total'])} tokens = {sums}; ")
    if is_balanced(ledger):
        return line.append("difference 0", style="bold green")
    difference = ledger["difference"]
    return line.append(f"difference {exact_count(difference['total'])} tokens, ${difference['cost_usd']}", "bold red")


def _by_team_and_week(client: Client, days: dict[str, str], width: int) -> Table:
    by_week = _rows(client, {**days, "bucket": "week", "group_by": "team"})
    weeks = sorted({_week(row) for row in by_week})
    if width < NARROWEST_BY_WEEK:
        weeks = weeks[-4:]
    cells = {(row["team"], _week(row)): _cell(row) for row in by_week}
    table = Table(title="Tokens and dollars per merged pull request, by week of merge", title_justify="left")
    table.add_column("Team")
    for week in weeks:
        table.add_column(f"{week.day} {week:%b}", justify="right")
    for team in sorted({row["team"] for row in by_week}):
        table.add_row(team, *(cells.get((team, week), NOTHING) for week in weeks))
    totals = {_week(row): _cell(row) for row in _rows(client, {**days, "bucket": "week"})}
    table.add_section()
    table.add_row("All teams", *(totals.get(week, NOTHING) for week in weeks), style="bold")
    return table


def _rows(client: Client, query: dict[str, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = client.get("/api/v1/metrics/tokens-per-pr", query | ({"cursor": cursor} if cursor else {}))
        rows += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


def _week(row: dict[str, Any]) -> date:
    return date.fromisoformat(row["period_start"])


def _cell(row: dict[str, Any]) -> str:
    if row["withheld_reason"]:
        return "withheld"
    if not row["merged_pull_requests"]:
        return NOTHING
    tokens = short_count(round(row["tokens_per_merged_pr"]))
    return f"{tokens}\n{short_usd(nano_usd(Decimal(row['cost_per_merged_pr_usd'])))}"
