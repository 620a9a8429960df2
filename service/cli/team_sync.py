"""`shipledger teams sync`: start a sync of team sizes with the forge, and wait for the workers."""

# ruff: noqa: PLC0415 - the heavy part is imported when the command runs, so that --help is quick
import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from schema.errors import ShipledgerError
from service.cli.options import example, json_option, service_options

if TYPE_CHECKING:
    from service.client import Client

PATH = "/api/v1/team-syncs"
CONNECTIONS = "/api/v1/connections"
LOOK_SECONDS = 1.0
FAILED = {"refused", "failing"}


@click.command("sync", epilog=example("shipledger teams sync --dry-run"))
@click.argument("switch", type=click.Choice(["on", "off", "now"]), default="now")
@click.option("--connection", metavar="ID", help="Only this connection.  [default: all connections with access]")
@click.option(
    "--leave-out",
    "left_out",
    metavar="@ORG/TEAM",
    multiple=True,
    help="Team or group on the forge to leave out. Repeatable; with on or off, replaces the list.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--no-wait", is_flag=True, help="Return at once instead of waiting for the workers.")
@json_option
@service_options
def sync(
    switch: str,
    connection: str | None,
    left_out: Sequence[str],
    dry_run: bool,
    no_wait: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Take team sizes and repositories from the forge.

    Counts the members of GitHub teams or GitLab groups, and gives repositories to the team that maintains them. `on`
    syncs every day, `off` stops it, and without either it syncs now where it is on. Only the number of members is
    stored. Sizes and repositories that you set yourself stay.

    """
    from service.client import Client, find_address

    if left_out and switch == "now":
        raise click.UsageError("use --leave-out with on or off")
    with Client(find_address(url, key)) as client:
        if switch != "now" and not dry_run:
            _switch(client, switch, connection, left_out)
        if switch == "off":
            shown = _chosen(client, connection)
        else:
            started = client.post(PATH, {"connection": connection, "dry_run": dry_run})["items"]
            shown = started if no_wait else watch(client, started)
    if as_json:
        click.echo(json.dumps({"items": shown, "dry_run": dry_run}))
    else:
        click.echo("\n".join(line for each in shown for line in lines(each, dry_run=dry_run)))
    if switch != "off" and any(each["state"] in FAILED for each in shown):
        raise ShipledgerError("some forges did not list their teams; see the reasons above")


def _switch(client: "Client", switch: str, connection: str | None, left_out: Sequence[str]) -> None:
    """Turn the sync on or off for one connection, or for all connections with access."""
    body = {"enabled": switch == "on", "excluded": list(left_out) or None}
    known = client.get(CONNECTIONS)["items"]
    able = [each["id"] for each in known if each["state"] == "active" and (each["has_token"] or each["github_app"])]
    chosen = [connection] if connection else able
    if not chosen:
        raise ShipledgerError("no connection has access to teams; give one an access token, or install the GitHub App")
    for each in chosen:
        client.put(f"{CONNECTIONS}/{each}/team-sync", body)


def _chosen(client: "Client", connection: str | None) -> list[dict[str, Any]]:
    return [each for each in client.get(PATH)["items"] if connection in {None, each["connection"]}]


def watch(
    client: "Client", started: list[dict[str, Any]], pause: Callable[[float], None] = time.sleep
) -> list[dict[str, Any]]:
    """Wait until workers have synced every connection; returns the final states."""
    wanted = {each["connection"] for each in started}
    shown = started
    if any(each["state"] == "running" for each in shown):
        click.echo("workers are reading teams from the forge ...", err=True)
    while any(each["state"] == "running" for each in shown):
        pause(LOOK_SECONDS)
        shown = [each for each in client.get(PATH)["items"] if each["connection"] in wanted]
    return shown


def lines(shown: dict[str, Any], *, dry_run: bool) -> Iterator[str]:
    """Format one connection as lines of text."""
    yield f"{shown['connection']} ({shown['host']}): {shown['state']}"
    if shown["reason"]:
        yield f"  {shown['reason']}"
    report = shown["dry_run" if dry_run else "report"]
    if report is None or shown["state"] == "running":
        return
    for team in report["teams"]:
        before = "new" if team["is_new"] else f"{'unknown' if team['before'] is None else team['before']} before"
        note = "set by hand, unchanged" if team["set_manually"] else before
        yield f"  {team['name']}: {team['people']} people ({note})"
    counts = report["repositories"]
    yield "  repositories: " + ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in counts)
    other = {
        "deleted_at_forge": "deleted on the forge",
        "empty": "without people",
        "excluded": "left out",
        "of_other_connections": "counted by another connection",
        "over_limit": "over the limit SHIPLEDGER_TEAM_LIMIT",
    }
    if counted := [f"{report[name]} {words}" for name, words in other.items() if report[name]]:
        yield "  other teams: " + ", ".join(counted)
    if report["inaccessible_organizations"]:
        yield f"  {report['closed']} organizations do not list their teams"
    if dry_run:
        yield "  nothing was changed (--dry-run)"
