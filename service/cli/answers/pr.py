"""`shipledger pr`: what one pull request cost."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import TYPE_CHECKING, Any

import click

from service.cli.options import example, json_option, repository_options, service_options

if TYPE_CHECKING:
    from vocabulary.forge import Forge

PATH = "/api/v1/attributions"
STATES = {"open": "open", "abandoned": "closed without a merge"}


@click.command("pr", epilog=example("shipledger pr 2201"))
@click.argument("number", metavar="NUMBER|ID")
@repository_options
@json_option
@service_options
def pull_request(
    number: str, repository: str | None, forge: "Forge | None", as_json: bool, url: str | None, key: str | None
) -> None:
    """Show what a pull request cost.

    NUMBER is that of the pull request or merge request; an artifact id works, too.

    """
    from schema.errors import SetUpError
    from service.cli.repositories import find_in_repositories
    from service.client import Client, find_address

    text = number.lstrip("#!")
    with Client(find_address(url, key)) as client:
        if text.startswith("a1_"):
            found = client.get(PATH, {"artifact_id": text})
            if not found["items"]:
                raise SetUpError(found["explanation"])
        elif text.isdecimal() and int(text):
            found = find_in_repositories(client, PATH, {"number": text}, repository, forge)
        else:
            raise SetUpError(f"{number} is not the number of a pull request; for example: shipledger pr 2201")
    (item,) = found["items"]
    click.echo(json.dumps(item) if as_json else "\n".join(as_lines(item, text)))


def as_lines(item: dict[str, Any], number: str) -> list[str]:
    """Format a pull request as lines."""
    from service.cli.figures import certainty_lines, day, evidence_line, model_lines, money, tokens

    state = f"merged {day(item['merged_at'])}" if item["merged_at"] else STATES.get(item["state"], item["state"])
    name = item["label"] or (f"Pull request {number}" if number.isdecimal() else number)
    lines = [
        f"{name}, {state}, team {item['team']}",
        f"  {money(item['cost_usd'])} for {tokens(item['tokens']['total'])} tokens",
    ]
    if linked := evidence_line(item["evidence"]):
        lines.append(f"  linked by {linked}")
    lines += certainty_lines(item)
    if (reverted := item["outcomes"]["reverted_at"]) is not None:
        lines.append(f"  reverted {day(reverted)}")
    return [*lines, *(["", *model_lines(item)] if item["by_model"] else [])]
