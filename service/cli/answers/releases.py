"""`shipledger releases`: what the releases of a period cost."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.answers.period_options import period_options, query_of
from service.cli.options import example, json_option, service_options

DIMENSIONS = ("team", "repository", "model", "workflow", "evidence")
HEADS = ("releases", "merged", "tokens", "cost", "cost per release")


@click.command("releases", epilog=example("shipledger releases --group-by team --bucket month --compare previous"))
@click.option("--group-by", "group_by", metavar="NAME[,NAME]", help=f"Up to two of {', '.join(DIMENSIONS)}.")
@period_options("12 weeks ago")
@json_option
@service_options
def releases(as_json: bool, url: str | None, key: str | None, **question: str | None) -> None:
    """Show what the releases of a period cost.

    A pull request that several releases shipped counts in the first of them.

    """
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        sums = client.get("/api/v1/releases", {**query_of(question), "limit": "1"})["sums"]
    click.echo(json.dumps(sums) if as_json else "\n".join(as_lines(sums)))


def as_lines(sums: dict[str, Any]) -> list[str]:
    """Format sums of releases as lines."""
    from service.cli.figures import columns

    lines = [f"{sums['first_day']} to {sums['last_day']}:"]
    rows = sums["rows"]
    if not rows:
        return [f"{lines[0]} nothing was released."]
    groups = [name for name in DIMENSIONS if name in rows[0]]
    is_compared = sums["compared_with"] is not None
    heads = ["from", *groups, *HEADS, *(["change"] if is_compared else [])]
    table = [_row(row, groups, len(heads)) for row in rows]
    reasons = sorted({row["withheld_reason"] for row in rows if row["withheld_reason"]})
    return [*lines, *columns([heads, *table]), *(f"  withheld: {reason}" for reason in reasons)]


def _row(row: dict[str, Any], groups: list[str], width: int) -> list[str]:
    from service.cli.figures import LONGEST_NAME, money, short_name, signed_money, tokens

    names = [short_name(row[name] or "(none)", LONGEST_NAME // max(1, len(groups))) for name in groups]
    cells = [row["period_start"], *names]
    if (figures := row["figures"]) is None:
        cells.append("withheld")
    else:
        cells += [
            f"{figures['releases']:,}",
            f"{figures['pull_requests']:,}",
            tokens(figures["tokens"]["total"]),
            money(figures["cost_usd"]),
            money(figures["cost_per_release_usd"]),
            *([signed_money(row["change"]["cost_usd"])] if row["change"] else []),
        ]
    return [*cells, *("" for _ in range(width - len(cells)))]
