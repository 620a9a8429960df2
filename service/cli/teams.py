"""`shipledger teams`: manage teams, their sizes, telemetry ids and repositories."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from schema.errors import SetUpError
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options
from service.cli.team_sync import sync

if TYPE_CHECKING:
    from service.client import Client

PATH = "/api/v1/teams"
dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
from_option = click.option(
    "--from",
    "effective_from",
    metavar="DAY",
    type=click.DateTime(["%Y-%m-%d"]),
    help="UTC day, as YYYY-MM-DD, from which repositories change team.  [default: always]",
)


@click.group(cls=ServiceGroup, epilog=example("shipledger teams list"))
@group_service_options
def teams() -> None:
    """List, create, change and remove teams.

    A team has a size, never a list of people.

    """


@teams.command("list", epilog=example("shipledger teams list"))
@json_option
@service_options
def list_(as_json: bool, url: str | None, key: str | None) -> None:
    """List teams with sizes, telemetry ids and repositories."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        found = _all_teams(client)
    if as_json:
        click.echo(json.dumps({"items": found}))
        return
    from service.cli.tables import print_table

    heads = ["team", "people", "telemetry ids", "repositories", "note"]
    print_table(heads, [_row(team) for team in found])


@teams.command("set", epilog=example("shipledger teams set checkout --size 12"))
@click.argument("name")
@click.option("--size", type=click.IntRange(1, 1_000_000), help="Number of people.")
@click.option("--no-size", is_flag=True, help="Remove the number of people.")
@click.option("--rename", metavar="NAME", help="New name; the old name keeps working as a telemetry id.")
@click.option(
    "--telemetry-id", "telemetry_ids", multiple=True, help="A team.id of agents that belong to the team. Repeatable."
)
@click.option("--remove-telemetry-id", "remove_telemetry_ids", multiple=True, help="The team.id to remove. Repeatable.")
@click.option(
    "--repository", "repositories", metavar="HOST/OWNER/NAME", multiple=True, help="Repository of the team. Repeatable."
)
@click.option(
    "--remove-repository",
    "remove_repositories",
    metavar="HOST/OWNER/NAME",
    multiple=True,
    help="Repository to remove. Repeatable.",
)
@click.option(
    "--code-owner",
    "code_owners",
    metavar="@ORG/TEAM",
    multiple=True,
    help="Name of the team in CODEOWNERS files. Repeatable.",
)
@click.option(
    "--remove-code-owner",
    "remove_code_owners",
    metavar="@ORG/TEAM",
    multiple=True,
    help="CODEOWNERS name to remove. Repeatable.",
)
@from_option
@dry_run_option
@json_option
@service_options
def set_(
    name: str,
    no_size: bool,
    rename: str | None,
    effective_from: datetime | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
    **fields: int | Sequence[str] | None,
) -> None:
    """Create a team, or change the options you pass.

    Repositories and telemetry ids move here from any other team. A telemetry id applies to tokens received from now on.
    The pull requests of a repository move with it, and the affected days are settled again.

    """
    from service.client import Client, find_address

    if no_size and fields["size"] is not None:
        raise click.UsageError("use either --size or --no-size")
    body: dict[str, Any] = {"name": name, **{field: value for field, value in fields.items() if value}}
    if no_size:
        body["size"] = None
    if rename is not None:
        body["new_name"] = rename
    if effective_from is not None:
        body["effective_from"] = effective_from.date().isoformat()
    with Client(find_address(url, key)) as client:
        _show(client.post(f"{PATH}?dry_run=true" if dry_run else PATH, body), dry_run=dry_run, as_json=as_json)


@teams.command(epilog=example("shipledger teams remove checkout --into payments"))
@click.argument("name")
@click.option("--into", metavar="NAME", help="Team that takes its place.  [default: the default team]")
@from_option
@dry_run_option
@json_option
@service_options
def remove(
    name: str,
    into: str | None,
    effective_from: datetime | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Remove a team and move its repositories to another.

    Its telemetry ids and name move too. Tokens that it has already spent stay on the removed team.

    """
    from service.client import Client, find_address

    day = effective_from and effective_from.date().isoformat()
    query = {"into": into, "effective_from": day, "dry_run": "true" if dry_run else None}
    parameters = urlencode({name: value for name, value in query.items() if value is not None})
    with Client(find_address(url, key)) as client:
        team_id = next((team["id"] for team in _all_teams(client) if team["name"] == name), None)
        if team_id is None:
            raise SetUpError(f"there is no team named {name}; list them with: shipledger teams list")
        _show(client.delete(f"{PATH}/{team_id}?{parameters}"), dry_run=dry_run, as_json=as_json)


teams.add_command(sync)


def _all_teams(client: "Client") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, str] = {}
    while True:
        page = client.get(PATH, query)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        query = {"cursor": page["next_cursor"]}


def _show(team: dict[str, Any], *, dry_run: bool, as_json: bool) -> None:
    """Print the team after the change, or after a dry run the team as it would be."""
    if as_json:
        click.echo(json.dumps({**team, "dry_run": dry_run}))
        return
    size = "size unknown" if team["size"] is None else f"{team['size']} people"
    telemetry = ", ".join(team["telemetry_ids"]) or "only its name"
    click.echo(f"{team['name']}: {size}, {len(team['repositories'])} repositories, telemetry ids: {telemetry}")
    if dry_run:
        click.echo("nothing was changed (--dry-run)")


def _row(team: dict[str, Any]) -> list[object]:
    removed = f"removed on {team['removed_at'][:10]}" if team["removed_at"] else None
    note = "default team: receives everything without a team" if team["is_default"] else removed
    return [team["name"], team["size"], ", ".join(team["telemetry_ids"]) or None, len(team["repositories"]), note]
