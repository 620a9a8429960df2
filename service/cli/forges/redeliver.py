"""`shipledger github redeliver`: workers look for webhooks that were missed, and request them again."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import click

from schema.errors import ShipledgerError
from service.cli.bulks import service_options
from service.cli.options import example, json_option
from service.client import Client, find_address

PATH = "/api/v1/repairs"
LOOK_SECONDS = 1.0

# For what was asked for again to arrive; the workers go on looking for it.
ARRIVAL_SECONDS = 60.0

# What is not over by itself soon.
FAILED = {"refused", "failing"}
COUNTS = ("found", "asked_again", "recovered")


def make_redeliver(forge: str) -> click.Command:
    """The command for one forge."""
    name = {"github": "GitHub", "gitlab": "GitLab"}[forge]

    @click.command(
        "redeliver",
        help=f"Bring back what {name}'s webhooks missed.\n\nWorkers check for missed webhooks all the time; this "
        "starts a check at once and shows what it found. Safe to repeat: nothing that arrived is requested again.",
        epilog=example(f"shipledger {forge} redeliver"),
    )
    @click.option("--connection", metavar="ID", help="Only this connection.  [default: all connections with access]")
    @click.option("--no-wait", is_flag=True, help="Return at once instead of waiting for the workers.")
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
            raise ShipledgerError("some connections could not be checked; see the reasons above")

    return redeliver


def identity(shown: dict[str, Any]) -> tuple[Any, ...]:
    """What tells a check from others."""
    return shown["connection"], shown["github_app"], shown["kind"]


def watch(
    client: Client, begun: list[dict[str, Any]], pause: Callable[[float], None] = time.sleep
) -> list[dict[str, Any]]:
    """Wait until all checks are done, and a while for redelivered webhooks to arrive; returns the final checks."""
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
    """A check with the difference since it was requested."""
    return {**shown, **{name: max(shown[name] - before.get(name, 0), 0) for name in COUNTS}}


def lines(shown: dict[str, Any]) -> Iterator[str]:
    """One check as text."""
    subject = f"App {shown['github_app']}" if shown["github_app"] else f"connection {shown['connection']}"
    yield f"{subject}, {shown['kind']}: {shown['state']}"
    if shown["reason"]:
        yield f"  {shown['reason']}"
    yield (
        f"  {shown['found']} found missing, {shown['asked_again']} requested again, {shown['recovered']} "
        f"recovered, {shown['missing']} still missing"
    )
