"""The demo's tables in the terminal: tokens and cost per merged pull request, and the sum of the ledger."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.short_numbers import NOTHING, exact_count, short_count, short_usd
from service.client import Client
from vocabulary.tokens import nano_usd

PARTS = ("merged", "in_flight", "abandoned", "overhead", "pending")
ALL_TEAMS = "All teams"


@dataclass(frozen=True, slots=True)
class Cost:
    """Merged pull requests, and all tokens and money attributed to them."""

    merged: int = 0
    tokens: int = 0
    nano_usd: int = 0
    is_withheld: bool = False

    @property
    def text(self) -> str:
        """Format tokens and dollars per merged pull request."""
        if self.is_withheld:
            return "withheld"
        if not self.merged:
            return NOTHING
        return f"{short_count(round(self.tokens / self.merged))} {short_usd(round(self.nano_usd / self.merged)):>6}"


def print_tables(console: Console, client: Client, begins: date, ends: date) -> bool:
    """Print both for the days from `begins` to `ends`, inclusive; returns whether the ledger is balanced."""
    days = {"from": begins.isoformat(), "to": ends.isoformat()}
    console.print(_by_team_and_week(client, days))
    ledger = client.get("/api/v1/ledger", days)
    console.print(conservation_line(ledger))
    return is_balanced(ledger)


def is_balanced(ledger: dict[str, Any]) -> bool:
    """Return whether received is the sum of its parts, to the token and the nano-dollar."""
    return all(Decimal(str(value)) == 0 for value in ledger["difference"].values())


def conservation_line(ledger: dict[str, Any]) -> Text:
    """Format the sum as `Received 495,480,020 tokens = merged … + …; difference 0`."""
    sums = " + ".join(f"{part.replace('_', ' ')} {exact_count(ledger[part]['total'])}" for part in PARTS)
    line = Text(f"Received {exact_count(ledger['received']['total'])} tokens = {sums}; ")
    if is_balanced(ledger):
        return line.append("difference 0", style="bold green")
    difference = ledger["difference"]
    return line.append(f"difference {exact_count(difference['total'])} tokens, ${difference['cost_usd']}", "bold red")


def _by_team_and_week(client: Client, days: dict[str, str]) -> Table:
    """Build a table with one row per week, one column per team, and totals."""
    costs = _read_costs(client, days)
    weeks = sorted({week for week, _ in costs})
    teams = sorted({team for _, team in costs} - {ALL_TEAMS})
    title = "Tokens and dollars per merged pull request"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, show_footer=True, footer_style="bold")
    table.add_column("Week of", footer="All weeks", no_wrap=True)
    for team in (*teams, ALL_TEAMS):
        every_week = [costs[week, team] for week in weeks if (week, team) in costs]
        table.add_column(team, footer=_sum(every_week).text, justify="right", no_wrap=True)
    for week in weeks:
        cells = (costs.get((week, team), Cost()).text for team in (*teams, ALL_TEAMS))
        table.add_row(f"{week.day} {week:%b}", *cells)
    return table


def _read_costs(client: Client, days: dict[str, str]) -> dict[tuple[date, str], Cost]:
    """Read costs by week and team, and for all teams.

    Totals come from rows by model, because team rows may be withheld. All models of a week share its merges.
    """
    costs = {(_week(row), row["team"]): _cost(row) for row in _rows(client, {**days, "group_by": "team"})}
    by_week: dict[date, list[Cost]] = {}
    for row in _rows(client, {**days, "group_by": "model"}):
        by_week.setdefault(_week(row), []).append(_cost(row))
    for week, parts in by_week.items():
        costs[week, ALL_TEAMS] = replace(_sum(parts), merged=parts[0].merged)
    return costs


def _rows(client: Client, query: dict[str, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = client.get("/api/v1/metrics/tokens-per-pr", {**query, "bucket": "week", **more})
        rows += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


def _week(row: dict[str, Any]) -> date:
    return date.fromisoformat(row["period_start"])


def _cost(row: dict[str, Any]) -> Cost:
    if row["withheld_reason"]:
        return Cost(is_withheld=True)
    return Cost(row["merged_pull_requests"], row["tokens"]["total"], nano_usd(Decimal(row["cost_usd"])))


def _sum(costs: list[Cost]) -> Cost:
    return Cost(
        sum(cost.merged for cost in costs),
        sum(cost.tokens for cost in costs),
        sum(cost.nano_usd for cost in costs),
        is_withheld=any(cost.is_withheld for cost in costs),
    )
