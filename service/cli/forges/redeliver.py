"""`shipledger github redeliver` and `gitlab redeliver`: check for missed webhooks and request them again."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import click

from schema.errors import ShipledgerError
from service.cli.options import example, json_option, service_options
from service.client import Client, find_address

PATH = "/api/v1/repairs"
LOOK_SECONDS = 1.0

# How long to wait for redelivered webhooks; workers keep checking afterwards.
ARRIVAL_SECONDS = 60.0

# States that do not recover by themselves soon.
FAILED = {"refused", "failing"}
COUNTS = ("found", "redelivery_requests", "recovered")


def make_redeliver(forge: str) -> click.Command:
    """Create the command for one forge."""
    name = {"github": "GitHub", "gitlab": "GitLab"}[forge]

    @click.command(
        "redeliver",
        help=f"Recover missed webhooks of {name}.\n\nWorkers check for missed webhooks all the time. This "
        "starts a check now and shows what it found. Safe to repeat: webhooks that arrived are not requested again.",
        epilog=example(f"shipledger {forge} redeliver"),
    )
    @click.option("--connection", metavar="ID", help="Only this connection.  [default: all connections with access]")
    @click.option("--no-wait", is_flag=True, help="Return at once instead of waiting for the workers.")
    @json_option
    @service_options
    def redeliver(connection: str | None, no_wait: bool, as_json: bool, url: str | None, key: str | None) -> None:
        with Client(find_address(url, key)) as client:
            before = {identity(each): each for each in client.get(PATH)["items"]}
            started = client.post(PATH, {"forge": forge, "connection": connection})["items"]
            shown = started if no_wait else watch(client, started)
        checks = [since(each, before.get(identity(each), {})) for each in shown]
        click.echo(
            json.dumps({"items": checks}) if as_json else "\n".join(line for each in checks for line in lines(each))
        )
        if any(each["state"] in FAILED for each in checks):
            raise ShipledgerError("some connections could not be checked; see the reasons above")

    return redeliver


def identity(shown: dict[str, Any]) -> tuple[Any, ...]:
    """Return the key that identifies a check."""
    return shown["connection"], shown["github_app"], shown["kind"]


def watch(
    client: Client, started: list[dict[str, Any]], pause: Callable[[float], None] = time.sleep
) -> list[dict[str, Any]]:
    """Wait until all checks are done and, for up to a minute, until redelivered webhooks arrive.

    Returns the final checks.
    """
    wanted = {identity(each) for each in started}
    shown, left = started, ARRIVAL_SECONDS
    while any(each["state"] == "running" or (each["missing"] and each["state"] == "healthy") for each in shown):
        if all(each["state"] != "running" for each in shown):
            left -= LOOK_SECONDS
        if left < 0:
            break
        pause(LOOK_SECONDS)
        shown = [each for each in client.get(PATH)["items"] if identity(each) in wanted]
    return shown


def since(shown: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return the check with counts since `before`."""
    return {**shown, **{name: max(shown[name] - before.get(name, 0), 0) for name in COUNTS}}


def lines(shown: dict[str, Any]) -> Iterator[str]:
    """Format one check as lines of text."""
    subject = f"App {shown['github_app']}" if shown["github_app"] else f"connection {shown['connection']}"
    yield f"{subject}, {shown['kind']}: {shown['state']}"
    if shown["reason"]:
        yield f"  {shown['reason']}"
    yield (
        f"  {shown['found']} found missing, {shown['redelivery_requests']} requested again, {shown['recovered']} "
        f"recovered, {shown['missing']} still missing"
    )
