"""`shipledger changes`: what explains why curves bend."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from datetime import UTC, datetime
from typing import Any

import click

from service.cli.items import check_body, read_all, remove_item
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

PATH = "/api/v1/changes"
KINDS = ("model", "prompt_template", "temperature", "retrieval_depth", "guardrail", "rollout", "other")
SOURCES = ("mlflow", "langfuse", "registry", "ci")


@click.group(cls=ServiceGroup, epilog=example("shipledger changes list"))
@group_service_options
def changes() -> None:
    """Send and list changes that explain curves.

    New models and prompt templates are found in the tokens of each team.

    """


@changes.command("add", epilog=example("shipledger changes add prompt_template --to v7 --team web --source ci"))
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--from", "from_value", metavar="VALUE", help="Value before the change.")
@click.option("--to", "to_value", metavar="VALUE", help="Value after the change.")
@click.option("--at", "occurred_at", metavar="TIME", help="RFC 3339 time of the change.  [default: now]")
@click.option("--team", help="Name of the team.  [default: the key's team, else all teams]")
@click.option("--workflow", help="Workflow tag.  [default: all workflows]")
@click.option("--source", type=click.Choice(SOURCES), help="System that reports the change.")
@click.option("--label", help="Label without spaces; never a person or a prompt.")
@click.option("--given", multiple=True, metavar="TEAM", help="Team that chance gave the roll-out to; repeat it.")
@click.option("--held-back", multiple=True, metavar="TEAM", help="Team that chance held back; repeat it.")
@click.option("--id", "identifier", metavar="ID", help="Your id of the change; the same id counts once.")
@click.option("--dry-run", is_flag=True, help="Check the change, and store nothing.")
@json_option
@service_options
def add(
    occurred_at: str | None,
    given: tuple[str, ...],
    held_back: tuple[str, ...],
    identifier: str | None,
    source: str | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
    **item: str | None,
) -> None:
    """Send a change of KIND, as from a step of CI."""
    item |= {"occurred_at": occurred_at or f"{datetime.now(UTC):%FT%TZ}", "id": identifier, "source": source}
    values: dict[str, Any] = {name: value for name, value in item.items() if value is not None}
    if given or held_back:
        values["randomised"] = {"given": list(given), "held_back": list(held_back)}
    body = {"items": [values]}
    from service.contracts.reported.change import ChangeBatch

    check_body(body, ChangeBatch)
    receipt = {"received": 1, "changed": 0}
    if not dry_run:
        from service.client import Client, find_address

        with Client(find_address(url, key)) as client:
            receipt = client.post(PATH, body)
    if as_json:
        click.echo(json.dumps({**receipt, "dry_run": dry_run}))
    elif dry_run:
        click.echo("the change is valid; nothing was stored (--dry-run)")
    else:
        click.echo("stored the change" if receipt["changed"] else "the change was stored before")


@changes.command("list", epilog=example("shipledger changes list --team checkout --from 2026-11-01"))
@click.option("--from", "first", metavar="DAY", help="First UTC day, as YYYY-MM-DD.")
@click.option("--to", "last", metavar="DAY", help="Last UTC day, as YYYY-MM-DD.")
@click.option("--team", help="Only changes of this team, and of all teams together.")
@json_option
@service_options
def list_(
    first: str | None, last: str | None, team: str | None, as_json: bool, url: str | None, key: str | None
) -> None:
    """List changes, oldest first."""
    from service.client import Client, find_address

    query = {name: value for name, value in (("from", first), ("to", last), ("team", team)) if value}
    with Client(find_address(url, key)) as client:
        items = read_all(client, PATH, query)
    if as_json:
        click.echo(json.dumps({"items": items}))
        return
    from service.cli.tables import print_table

    names = ("id", "occurred_at", "kind", "team", "workflow", "from_value", "to_value", "source", "label")
    rows = [[item[name] or None for name in names] + ["yes" if item["found"] else None] for item in items]
    print_table(["id", "time", "kind", "team", "workflow", "from", "to", "source", "label", "found"], rows)


@changes.command("remove", epilog=example("shipledger changes remove 12"))
@click.argument("change_id", type=int)
@click.option("--dry-run", is_flag=True, help="Find the change, and remove nothing.")
@json_option
@service_options
def remove(change_id: int, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Remove a sent change by its id from `changes list`."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        remove_item(client, PATH, change_id, "change", "changes list", dry_run=dry_run, as_json=as_json)
