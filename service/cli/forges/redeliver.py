"""`shipledger github redeliver`: what webhooks missed, looked for and asked for again by the service's workers."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import click

from schema.errors import ShipledgerError
from service.cli.bulks import service_options
from service.cli.options import json_option
from service.client import Client, find_address

PATH = "/api/v1/repairs"
LOOK_SECONDS = 1.0

# For what was asked for again to arrive; the workers go on looking for it.
ARRIVAL_SECONDS = 60.0

# What is not over by itself soon.
FAILED = {"refused", "failing"}
COUNTS = ("found", "asked_again", "recovered")


def make_redeliver(forge: str) -> click.Command:
    """The command of one forge."""
    name = {"github": "GitHub", "gitlab": "GitLab"}[forge]

    @click.command(
        "redeliver",
        help=f"Look for what {name}'s webhooks missed, and bring it back.\n\nThe service's workers do so by "
        "themselves all the time; this starts them at once and shows what they did. Safe to repeat: nothing that "
        "arrived is asked for again.",
    )
    @click.option("--connection", metavar="ID", help="Of this connection only.  [default: all that can be asked]")
    @click.option("--no-wait", is_flag=True, help="Leave it to the workers and return at once.")
    @json_option
    @service_options
    def redeliver(connection: str | None, no_wait: bool, as_json: bool, url: str | None, key: str | None) -> None:
        with Client(find_address(url, key)) as client:
            before = {identity(each): each for each in client.get(PATH)["items"]}
            begun = client.post(PATH, {"forge": forge, "connection": connection})["items"]
            shown = begun if no_wait else watch(client, begun)
        reported = [since(each, before.get(identity(each), {})) for each in shown]
        click.echo(
            json.dumps({"items": reported}) if as_json else "\n".join(line for each in reported for line in lines(each))
        )
        if any(each["state"] in FAILED for each in reported):
            raise ShipledgerError("not everything could be checked; see the reasons above")

    return redeliver


def identity(shown: dict[str, Any]) -> tuple[Any, ...]:
    """What tells a check from others."""
    return shown["connection"], shown["github_app"], shown["kind"]


def watch(
    client: Client, begun: list[dict[str, Any]], pause: Callable[[float], None] = time.sleep
) -> list[dict[str, Any]]:
    """Wait until all were done, and a while for what they asked for again to arrive; the checks as they are then."""
    wanted = {identity(each) for each in begun}
    shown, left = begun, ARRIVAL_SECONDS
    while any(each["state"] == "running" or (each["missing"] and each["state"] == "well") for each in shown):
        if all(each["state"] != "running" for each in shown):
            left -= LOOK_SECONDS
        if left < 0:
            break
        pause(LOOK_SECONDS)
        shown = [each for each in client.get(PATH)["items"] if identity(each) in wanted]
    return shown


def since(shown: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A check with what it did since."""
    return {**shown, **{name: max(shown[name] - before.get(name, 0), 0) for name in COUNTS}}


def lines(shown: dict[str, Any]) -> Iterator[str]:
    """One check for people."""
    subject = f"App {shown['github_app']}" if shown["github_app"] else f"connection {shown['connection']}"
    yield f"{subject}, {shown['kind']}: {shown['state']}"
    if shown["reason"]:
        yield f"  {shown['reason']}"
    yield (
        f"  {shown['found']} found missing, {shown['asked_again']} asked for again, {shown['recovered']} recovered, "
        f"{shown['missing']} still missing"
    )
