"""`shipledger release`: what one release cost."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import TYPE_CHECKING, Any

import click

from service.cli.options import example, json_option, repository_options, service_options

if TYPE_CHECKING:
    from vocabulary.forge import Forge

PATH = "/api/v1/releases"
# Pull requests of a release that the text names.
MOST_NAMES = 10


@click.command("release", epilog=example("shipledger release v1.2.0"))
@click.argument("tag")
@repository_options
@json_option
@service_options
def release(
    tag: str, repository: str | None, forge: "Forge | None", as_json: bool, url: str | None, key: str | None
) -> None:
    """Show what a release cost.

    A release costs what the pull requests cost that it was the first to ship; --json lists all of them.

    """
    from service.cli.repositories import find_in_repositories
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        found = find_in_repositories(client, PATH, {"tag": tag}, repository, forge)
        item = client.get(f"{PATH}/{found['items'][0]['artifact_id']}")
    click.echo(json.dumps(item) if as_json else "\n".join(as_lines(item, tag)))


def as_lines(item: dict[str, Any], tag: str) -> list[str]:
    """Format a release as lines."""
    from service.cli.figures import (
        certainty_lines,
        columns,
        day,
        evidence_line,
        model_lines,
        money,
        pull_requests,
        tokens,
    )

    number = item["pull_requests"]
    names = [each["label"] for each in item["shipped"] if each["label"] and not each["reverted"]]
    lines = [
        f"{item['label'] or tag}, released {day(item['released_at'])}, team {item['team']}",
        f"  {money(item['cost_usd'])} for {tokens(item['tokens']['total'])} tokens in {pull_requests(number)}",
    ]
    if names:
        more = f" and {number - MOST_NAMES:,} more" if number > MOST_NAMES else ""
        numbers = ", ".join(f"#{name.rpartition('#')[2]}" for name in names[:MOST_NAMES])
        lines.append(f"  {numbers}{more}")
    if linked := evidence_line(item["evidence"]):
        lines.append(f"  linked by {linked}")
    lines += certainty_lines(item)
    if reverted := item["reverted"]["pull_requests"]:
        lines.append(f"  another {money(item['reverted']['cost_usd'])} for {pull_requests(reverted)}, since reverted")
    if item["by_model"]:
        lines += ["", *model_lines(item)]
    if len(item["by_team"]) > 1:
        rows = [
            [each["team"], "withheld", ""]
            if each["withheld_reason"]
            else [each["team"], tokens(each["tokens"]["total"]), money(each["cost_usd"])]
            for each in item["by_team"]
        ]
        lines += ["", *columns(rows)]
    return lines
