"""`shipledger github create-app`: a GitHub App by manifest, through a browser, up to the end of its first backfill."""

import json
import time
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console

from schema.errors import ShipledgerError
from service.cli.bulks import service_options
from service.cli.forges.backfill import as_text, watch
from service.cli.options import json_option
from service.client import Client, find_address

PATH = "/api/v1/github-apps"
LOOK_SECONDS = 1.0
UNFINISHED = {"begun", "waiting"}


@click.command("create-app")
@click.option("--organization", metavar="ORG", help="GitHub organization to own it.  [default: your account]")
@click.option("--base-url", metavar="URL", help="Of an Enterprise Server.  [default: https://github.com]")
@click.option("--public-url", metavar="URL", help="Where GitHub reaches the service.  [default: as it is configured]")
@click.option("--name", help="Of the App; may be changed at GitHub.")
@click.option("--team-sync", is_flag=True, help="Let it read members, to count teams.")
@click.option("--summaries", is_flag=True, help="Let it write checks, to show figures on pull requests.")
@click.option("--dry-run", is_flag=True, help="Print the manifest, begin nothing.")
@click.option("--no-browser", is_flag=True, help="Print addresses, open none.")
@click.option("--no-wait", is_flag=True, help="Return once the page to open is known.")
@json_option
@service_options
def create_app(
    organization: str | None,
    base_url: str | None,
    public_url: str | None,
    name: str | None,
    team_sync: bool,
    summaries: bool,
    dry_run: bool,
    no_browser: bool,
    no_wait: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Register a GitHub App of your own, install it, and fetch what was there before.

    GitHub asks for two clicks in a browser: one makes the App, which only reads, the other installs it. Its key and
    secrets go to the service alone, which stores them encrypted. Ending this command ends nothing of it.
    """
    asked = {
        "organization": organization,
        "base_url": base_url,
        "public_url": public_url,
        "name": name,
        "team_sync": team_sync,
        "summaries": summaries,
        "dry_run": dry_run,
    }
    with Client(find_address(url, key)) as client:
        begun = client.post(PATH, asked)
        for warning in begun["warnings"]:
            click.echo(f"warning: {warning}", err=True)
        if dry_run:
            click.echo(json.dumps(begun if as_json else begun["manifest"], indent=None if as_json else 2))
            return
        browser = Browser(is_silent=no_browser or as_json, on_stderr=as_json)
        browser.open("Register the App on this page", begun["page"])
        shown = begun if no_wait else finish(client, begun["id"], browser)
    if as_json:
        click.echo(json.dumps(shown))


class Browser:
    """Shows an address, and opens it where there is a browser to open it with."""

    def __init__(self, *, is_silent: bool, on_stderr: bool) -> None:
        self._is_silent, self._on_stderr = is_silent, on_stderr

    def open(self, says: str, address: str) -> None:
        """Say what the address is for, whether or not a browser opens."""
        click.echo(f"{says}:\n  {address}", err=self._on_stderr)
        if not self._is_silent:
            click.launch(address)

    def say(self, text: str) -> None:
        """Something that is not the result."""
        click.echo(text, err=self._on_stderr)


def finish(client: Client, app: str, browser: Browser, pause: Callable[[float], None] = time.sleep) -> dict[str, Any]:
    """Wait for the App, its installation and its first backfill; raises ShipledgerError when one of them fails."""
    shown = _wait(
        client, app, "waiting for GitHub's answer", lambda reported: reported["state"] not in UNFINISHED, pause
    )
    if shown["state"] != "registered":
        raise ShipledgerError(f"the App was not registered: {shown['failure']}")
    browser.open(f"App {shown['app_id']} is registered; install it on this page", shown["install_url"])
    shown = _wait(client, app, "waiting for its installation", lambda reported: bool(reported["connections"]), pause)
    browser.say("It is installed; fetching the last 12 months, which goes on when this command is ended.")
    begun = [each for each in client.get("/api/v1/backfills")["items"] if each["connection"] in shown["connections"]]
    fetched = watch(client, begun, pause)
    for each in fetched:
        browser.say(as_text(each))
    if any(each["state"] == "failed" for each in fetched):
        raise ShipledgerError("not everything could be fetched; see the reasons above")
    return {**shown, "backfills": fetched}


def _wait(
    client: Client,
    app: str,
    says: str,
    is_done: Callable[[dict[str, Any]], bool],
    pause: Callable[[float], None],
) -> dict[str, Any]:
    with Console(stderr=True).status(says):
        while True:
            shown: dict[str, Any] = client.get(f"{PATH}/{app}")
            if is_done(shown):
                return shown
            pause(LOOK_SECONDS)
