"""`shipledger github create-app`: create a GitHub App in a browser, install it, and wait for its first backfill."""

import json
import time
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console

from schema.errors import ShipledgerError
from service.cli.forges.backfill import as_text, watch
from service.cli.options import example, json_option, service_options
from service.client import Client, find_address

PATH = "/api/v1/github-apps"
LOOK_SECONDS = 1.0
UNFINISHED = {"started", "waiting"}


@click.command("create-app", epilog=example("shipledger github create-app --organization acme"))
@click.option(
    "--organization", metavar="ORG", help="GitHub organization that will own the App.  [default: your account]"
)
@click.option("--base-url", metavar="URL", help="URL of your GitHub Enterprise Server.  [default: https://github.com]")
@click.option(
    "--public-url", metavar="URL", help="URL of the service as GitHub reaches it.  [default: the service's own setting]"
)
@click.option("--name", help="Name of the App; you can change it on GitHub.")
@click.option("--team-sync", is_flag=True, help="Let the App read members to sync team sizes.")
@click.option("--summaries", is_flag=True, help="Let the App write checks that show figures on pull requests.")
@click.option("--dry-run", is_flag=True, help="Print the manifest, and register nothing.")
@click.option("--no-browser", is_flag=True, help="Print links instead of opening a browser.")
@click.option("--no-wait", is_flag=True, help="Return at once, without waiting for the installation.")
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
    """Register a GitHub App, install it, and fetch its history.

    Takes two clicks in a browser: one creates the App, which only reads, the other installs it. Only the service
    receives its key and secrets, and stores them encrypted. If you stop this command, registration and backfill
    continue.

    """
    body = {
        "organization": organization,
        "base_url": base_url,
        "public_url": public_url,
        "name": name,
        "team_sync": team_sync,
        "summaries": summaries,
        "dry_run": dry_run,
    }
    with Client(find_address(url, key)) as client:
        started = client.post(PATH, body)
        for warning in started["warnings"]:
            click.echo(f"warning: {warning}", err=True)
        if dry_run:
            click.echo(json.dumps(started if as_json else started["manifest"], indent=None if as_json else 2))
            return
        browser = Browser(is_silent=no_browser or as_json, on_stderr=as_json)
        browser.open("Register the App on this page", started["page"])
        shown = started if no_wait else finish(client, started["id"], browser)
    if as_json:
        click.echo(json.dumps(shown))


class Browser:
    """Prints links, and opens them in a browser unless `is_silent`."""

    def __init__(self, *, is_silent: bool, on_stderr: bool) -> None:
        self._is_silent, self._on_stderr = is_silent, on_stderr

    def open(self, purpose: str, url: str) -> None:
        """Print the link and its purpose, and open it."""
        click.echo(f"{purpose}:\n  {url}", err=self._on_stderr)
        if not self._is_silent:
            click.launch(url)

    def say(self, text: str) -> None:
        """Print a progress message."""
        click.echo(text, err=self._on_stderr)


def finish(client: Client, app: str, browser: Browser, pause: Callable[[float], None] = time.sleep) -> dict[str, Any]:
    """Wait for the App, its installation and its first backfill; raises ShipledgerError if one of them fails."""
    shown = _wait(
        client, app, "waiting for you to confirm on GitHub", lambda found: found["state"] not in UNFINISHED, pause
    )
    if shown["state"] != "registered":
        raise ShipledgerError(f"the App was not registered: {shown['failure']}")
    _check_trial(shown)
    browser.open(f"App {shown['app_id']} is registered; install it on this page", shown["install_url"])
    shown = _wait(client, app, "waiting for the installation", _is_installed, pause)
    _check_trial(shown)
    browser.say("Installed. Fetching the last 12 months; this continues if you stop the command.")
    backfills = [
        each for each in client.get("/api/v1/backfills")["items"] if each["connection"] in shown["connections"]
    ]
    fetched = watch(client, backfills, pause)
    for each in fetched:
        browser.say(as_text(each))
    if any(each["state"] == "failed" for each in fetched):
        raise ShipledgerError("some repositories could not be fetched; see the reasons above")
    return {**shown, "backfills": fetched}


def _is_installed(shown: dict[str, Any]) -> bool:
    return bool(shown["connections"]) or shown["trial"]["state"] == "refused"


def _check_trial(shown: dict[str, Any]) -> None:
    """Raise ShipledgerError if GitHub refuses the App or its installation."""
    if shown["trial"]["state"] == "refused":
        raise ShipledgerError(f"App {shown['app_id']} does not work: {shown['trial']['reason']}")


def _wait(
    client: Client,
    app: str,
    status: str,
    is_done: Callable[[dict[str, Any]], bool],
    pause: Callable[[float], None],
) -> dict[str, Any]:
    with Console(stderr=True).status(status):
        while True:
            shown: dict[str, Any] = client.get(f"{PATH}/{app}")
            if is_done(shown):
                return shown
            pause(LOOK_SECONDS)
