"""`shipledger outcomes`: what outcomes cost, and which prompts need the fewest tokens for one."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.options import example, json_option, service_options

PATH = "/api/v1/outcomes"
GROUPS = ("team", "feature", "workflow", "prompt_version")
# As much as somebody reads; `--json` prints every row.
MOST_ROWS = 50


@click.command("outcomes", epilog=example("shipledger outcomes --group-by workflow --from 2026-11-01"))
@click.option(
    "--group-by", "group_by", type=click.Choice(GROUPS), default="workflow", show_default=True, help="Dimension."
)
@click.option("--from", "first", metavar="YYYY-MM-DD", help="First UTC day.  [default: 12 weeks ago]")
@click.option("--to", "last", metavar="YYYY-MM-DD", help="Last UTC day, inclusive.  [default: today]")
@click.option("--team", help="Only this team.  [default: all teams]")
@json_option
@service_options
def outcomes(as_json: bool, url: str | None, key: str | None, **question: str | None) -> None:
    """Show what outcomes cost, such as resolved tickets.

    Then the prompts of each workflow, those with the fewest tokens for an outcome first.

    """
    from service.client import Client, find_address

    names = {"first": "from", "last": "to"}
    query = {names.get(name, name): value for name, value in question.items() if value}
    with Client(find_address(url, key)) as client:
        answer = _read(client, query)
        study = {} if question["team"] else client.get(f"{PATH}/study")
    if as_json:
        click.echo(json.dumps({**answer, "study": study or None}))
        return
    from service.cli.tables import print_table

    click.echo(f"{answer['first_day']} to {answer['last_day']}")
    dimension = str(question["group_by"])
    heads = [dimension.replace("_", " "), "outcomes", "tokens each", "cost each", "success", "quality"]
    print_table(heads, [_row(item, dimension) for item in answer["items"][:MOST_ROWS]])
    click.echo("\n".join(study_lines(study)))


def _read(client: Any, query: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(PATH, query)
    items, cursor = answer["items"], answer.pop("next_cursor")
    while cursor is not None:
        page = client.get(PATH, {**query, "cursor": cursor})
        items, cursor = items + page["items"], page["next_cursor"]
    return {**answer, "items": items}


def _row(item: dict[str, Any], dimension: str) -> list[str | None]:
    from service.cli.figures import money, short_name, tokens

    name = short_name(item[dimension] or "(none)")
    if (figures := item["figures"]) is None:
        return [name, "withheld"]
    each = figures["tokens_per_outcome"]
    return [
        name,
        f"{figures['outcomes']:,}",
        None if each is None else tokens(round(each)),
        money(figures["cost_per_outcome_usd"]) if figures["outcomes"] else None,
        _percent(figures["success_rate"]),
        _percent(figures["quality"]),
    ]


def study_lines(study: dict[str, Any]) -> list[str]:
    """Return the ranked prompts, and from where on more tokens hardly help; nothing before the first study."""
    ranked = [each for each in study.get("prompts", []) if each["rank"] is not None]
    lines = ["", "Prompts by tokens for an outcome (12 weeks):", *map(_prompt, ranked)] if ranked else []
    for name in ("success", "quality"):
        if found := study.get(name):
            lines += ["", f"{name.capitalize()}: {_flat(found['flat_from'])}"]
    return lines


def _prompt(each: dict[str, Any]) -> str:
    from service.cli.figures import tokens

    interval = " to ".join(tokens(round(each[end])) for end in ("low", "high") if each[end] is not None)
    more = each["than_first"] and each["than_first"]["change"]
    beside = f", {more:+.0%} beside the first".replace("%", " %") if more is not None else ""
    name = " ".join(part for part in (each["workflow"], each["prompt_version"]) if part)
    return f"  {each['rank']}. {name}: {tokens(round(each['tokens_per_outcome']))} ({interval}){beside}"


def _flat(flat_from: float | None) -> str:
    from service.cli.figures import tokens

    if flat_from is None:
        return "rises with tokens as far as the data go (an association)"
    return f"hardly rises from {tokens(round(flat_from))} tokens for an outcome on (an association)"


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}".replace("%", " %")
