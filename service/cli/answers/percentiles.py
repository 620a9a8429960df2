"""`shipledger percentiles`: how widely the cost of pull requests spreads."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.answers.period_options import day_options, query_of
from service.cli.options import example, json_option, service_options

PERCENTILES = ("p10", "p25", "p50", "p75", "p90")
PARTS = {"pull_requests": "merged pull requests", "teams": "teams, each by its cost per merged pull request"}


@click.command("percentiles", epilog=example("shipledger percentiles --from 2026-10-01 --to 2026-12-31"))
@day_options("12 weeks ago")
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def percentiles(as_json: bool, url: str | None, key: str | None, **question: str | None) -> None:
    """Show how widely the cost of pull requests spreads.

    Counted are merged pull requests of which at least 60 % of the tokens are linked.

    """
    from service.cli.tables import print_table
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        answer: dict[str, Any] = client.get("/api/v1/metrics/percentiles", query_of(question))
    if as_json:
        click.echo(json.dumps(answer))
        return
    click.echo(f"{answer['first_day']} to {answer['last_day']}")
    for name, title in PARTS.items():
        if (spread := answer[name]) is None:
            continue
        click.echo(f"\n{spread['number'] or 0:,} {title}" if spread["cost_usd"] else f"\n{title}: {reason(spread)}")
        if spread["cost_usd"]:
            print_table(["", *(each.upper() for each in PERCENTILES)], rows(spread))


def reason(spread: dict[str, Any]) -> str:
    """Return why percentiles are not shown."""
    return spread["withheld_reason"] or "too few to show"


def rows(spread: dict[str, Any]) -> list[list[str]]:
    """Return a row of dollars and a row of tokens."""
    from service.cli.figures import money, tokens

    return [
        ["cost", *(money(spread["cost_usd"][each]) for each in PERCENTILES)],
        ["tokens", *(tokens(round(spread["tokens"][each])) for each in PERCENTILES)],
    ]
