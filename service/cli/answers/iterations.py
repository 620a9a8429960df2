"""`shipledger iterations`: how often merged pull requests were reworked."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.answers.period_options import query_of
from service.cli.options import example, json_option, service_options

COUNTS = {
    "pushes_after_opening": "pushes",
    "review_rounds": "review rounds",
    "reverted": "reverted",
    "fix_released": "fix released",
}
SHARES = ("reverted", "fix_released")


@click.command("iterations", epilog=example("shipledger iterations --group-by prompt_version"))
@click.option(
    "--group-by",
    "group_by",
    type=click.Choice(["context_tier", "model_family", "prompt_version", "ai_share"]),
    help="Compare pull requests by what they were made with.",
)
@click.option("--from", "first", metavar="YYYY-MM-DD", help="First UTC day of merges.  [default: 12 weeks ago]")
@click.option("--to", "last", metavar="YYYY-MM-DD", help="Last UTC day, inclusive.  [default: today]")
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def iterations(as_json: bool, url: str | None, key: str | None, **question: str | None) -> None:
    """Show how often merged pull requests were reworked.

    That is: pushed again, reviewed, reverted and fixed. With --group-by, groups are compared within the same teams and
    weeks, for pull requests of the same size.

    """
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        shown = client.get("/api/v1/iterations", query_of(question))
    click.echo(json.dumps(shown) if as_json else "\n".join(as_lines(shown, question["group_by"])))


def as_lines(shown: dict[str, Any], dimension: str | None) -> list[str]:
    """Format the figures as lines, the answer first."""
    from service.cli.figures import columns

    lines = [shown["sentence"]]
    if shown["first_day"]:
        lines.append(f"Merged from {shown['first_day']} to {shown['last_day']}.")
    rows = [(item["group"], item) for item in shown["items"]]
    if not dimension:
        rows = [(name, shown[name]) for name in ("total", "bots") if shown[name] and shown[name]["pull_requests"]]
    if not rows:
        return lines
    heads = [(dimension or "").replace("_", " "), "merged", *COUNTS.values()]
    table = [heads, *(_row("no tokens" if name is None else name or "(none)", item) for name, item in rows)]
    others = [f"  {item['sentence']}" for item in shown["items"][1:] if item["sentence"] not in {None, lines[0]}]
    reasons = sorted({item["withheld_reason"] for item in shown["items"] if item["withheld_reason"]})
    return [*lines, "", *columns(table), *others, *(f"  withheld: {reason}" for reason in reasons)]


def _row(name: str, item: dict[str, Any]) -> list[str]:
    if (rates := item["rates"]) is None:
        return [name, "withheld", *("" for _ in COUNTS)]
    return [name, f"{item['pull_requests']:,}", *(_rate(rates[count], is_share=count in SHARES) for count in COUNTS)]


def _rate(rate: dict[str, Any], *, is_share: bool) -> str:
    def text(value: float) -> str:
        return f"{100 * value:.1f} %" if is_share else f"{value:.2f}"

    if rate["each"] is None:
        return "-"
    if rate["low"] is None:
        return text(rate["each"])
    return f"{text(rate['each'])} ({text(rate['low'])} to {text(rate['high'])})"
