"""`shipledger teams sync`: teams counted at the forge, asked of the service, done by its workers."""

# ruff: noqa: PLC0415 - the heavy part is imported when the command runs, so that --help is quick
import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from schema.errors import ShipledgerError
from service.cli.bulks import service_options
from service.cli.options import json_option

if TYPE_CHECKING:
    from service.client import Client

PATH = "/api/v1/team-syncs"
CONNECTIONS = "/api/v1/connections"
LOOK_SECONDS = 1.0
FAILED = {"refused", "failing"}


@click.command("sync")
@click.argument("switch", type=click.Choice(["on", "off", "now"]), default="now")
@click.option("--connection", metavar="ID", help="This one only.  [default: all that can be asked]")
@click.option(
    "--leave-out",
    "left_out",
    metavar="@ORG/TEAM",
    multiple=True,
    help="A team or group that is none here. Repeatable; all of them, with on or off.",
)
@click.option("--dry-run", is_flag=True, help="Look, show what would change, and change nothing.")
@click.option("--no-wait", is_flag=True, help="Leave it to the workers and return at once.")
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
    """Count teams at GitHub or groups at GitLab, and let repositories follow who maintains them there.

    `on` does so every day from now on, `off` ends it, and without either it is done once, now, where it is on. Of
    members nothing is stored but how many they are. What was told by hand stays: sizes, and whose repositories are.
    """
    from service.client import Client, find_address

    if left_out and switch == "now":
        raise click.UsageError("--leave-out goes with on or off")
    with Client(find_address(url, key)) as client:
        if switch != "now" and not dry_run:
            _switch(client, switch, connection, left_out)
        if switch == "off":
            shown = _chosen(client, connection)
        else:
            begun = client.post(PATH, {"connection": connection, "dry_run": dry_run})["items"]
            shown = begun if no_wait else watch(client, begun)
    if as_json:
        click.echo(json.dumps({"items": shown, "dry_run": dry_run}))
    else:
        click.echo("\n".join(line for each in shown for line in lines(each, dry_run=dry_run)))
    if switch != "off" and any(each["state"] in FAILED for each in shown):
        raise ShipledgerError("not every forge tells its teams; see the reasons above")


def _switch(client: "Client", switch: str, connection: str | None, left_out: Sequence[str]) -> None:
    """Of one connection, of all that are on, or of all that can be asked."""
    body = {"enabled": switch == "on", "left_out": list(left_out) or None}
    known = client.get(CONNECTIONS)["items"]
    able = [each["id"] for each in known if each["state"] == "active" and (each["has_token"] or each["github_app"])]
    chosen = [connection] if connection else able
    if not chosen:
        raise ShipledgerError("no connection can be asked for teams; give one an access token, or install the App")
    for each in chosen:
        client.put(f"{CONNECTIONS}/{each}/team-sync", body)


def _chosen(client: "Client", connection: str | None) -> list[dict[str, Any]]:
    return [each for each in client.get(PATH)["items"] if connection in {None, each["connection"]}]


def watch(
    client: "Client", begun: list[dict[str, Any]], pause: Callable[[float], None] = time.sleep
) -> list[dict[str, Any]]:
    """Wait until workers have looked everywhere; all as they are then."""
    wanted = {each["connection"] for each in begun}
    shown = begun
    if any(each["state"] == "running" for each in shown):
        click.echo("workers look at the forge ...", err=True)
    while any(each["state"] == "running" for each in shown):
        pause(LOOK_SECONDS)
        shown = [each for each in client.get(PATH)["items"] if each["connection"] in wanted]
    return shown


def lines(shown: dict[str, Any], *, dry_run: bool) -> Iterator[str]:
    """One connection for people."""
    yield f"{shown['connection']} ({shown['host']}): {shown['state']}"
    if shown["reason"]:
        yield f"  {shown['reason']}"
    report = shown["dry_run" if dry_run else "report"]
    if report is None or shown["state"] == "running":
        return
    for team in report["teams"]:
        before = "new" if team["is_new"] else f"{'not told' if team['before'] is None else team['before']} before"
        note = "by hand, stays" if team["by_hand"] else before
        yield f"  {team['name']}: {team['people']} people ({note})"
    counts = report["repositories"]
    yield "  repositories: " + ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in counts)
    left = {
        "gone": "gone at the forge",
        "empty": "without people",
        "left_out": "left out",
        "elsewhere": "counted by another connection",
        "over_limit": "more than SHIPLEDGER_TEAM_LIMIT",
    }
    if reported := [f"{report[name]} {words}" for name, words in left.items() if report[name]]:
        yield "  other teams: " + ", ".join(reported)
    if report["closed"]:
        yield f"  {report['closed']} organizations tell no teams"
    if dry_run:
        yield "  nothing was changed (--dry-run)"
