"""`shipledger gitlab register`, `list` and `remove`: webhooks that workers create and delete on GitLab."""

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import click
from rich.console import Console

from schema.errors import SetUpError, ShipledgerError
from service.cli.options import example, json_option, service_options
from service.cli.tables import print_table
from service.client import Client, find_address

PATH = "/api/v1/registrations"
# Not an option, because every user of the machine can read command lines.
TOKEN_VARIABLE = "SHIPLEDGER_GITLAB_TOKEN"  # noqa: S105 - the name of a variable
LOOK_SECONDS = 1.0
COLUMNS = ("id", "scope", "host", "state", "last_delivery_at", "repairs", "last_repair", "failure")

_TESTS = {
    "arrived": "a test delivery arrived",
    "lost": "the test delivery did NOT arrive: allow GitLab to reach this URL, then register again",
    "nothing_to_send": "no test delivery was sent: the project has no commits yet, or GitLab refused",
    "not_offered": "no test delivery was sent: this version of GitLab cannot test such hooks",
}


@click.command(epilog=example("shipledger gitlab register --group acme"))
@click.option("--group", metavar="PATH", help="Path of a group, with all its projects and subgroups (GitLab Premium).")
@click.option("--project", metavar="PATH", help="Path of a single project.")
@click.option("--system", is_flag=True, help="Cover the whole instance; needs an administrator's token.")
@click.option("--base-url", metavar="URL", help="URL of your GitLab server.  [default: https://gitlab.com]")
@click.option(
    "--public-url", metavar="URL", help="URL of the service as GitLab reaches it.  [default: the service's own setting]"
)
@click.option("--no-backfill", is_flag=True, help="Skip fetching the history.")
@click.option("--dry-run", is_flag=True, help="Print the hook, and create nothing.")
@click.option("--no-wait", is_flag=True, help="Return at once instead of waiting for the workers.")
@json_option
@service_options
def register(
    group: str | None,
    project: str | None,
    system: bool,
    base_url: str | None,
    public_url: str | None,
    no_backfill: bool,
    dry_run: bool,
    no_wait: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Create and test a GitLab webhook, and fetch the history.

    Covers a group, a project or an instance, and fetches the last 12 months. Reads the token from
    SHIPLEDGER_GITLAB_TOKEN, or from a prompt. It needs the scope api, from an owner of the group, a maintainer of the
    project or an administrator. Workers check the hook every hour and repair it. Safe to repeat.

    """
    body = {
        **_scope(group, project, is_system=system),
        "base_url": base_url,
        "public_url": public_url,
        "backfill": not no_backfill,
        "dry_run": dry_run,
    }
    with Client(find_address(url, key)) as client:
        started = client.post(PATH, body if dry_run else {**body, "token": read_token()})
        for warning in started["warnings"]:
            click.echo(f"warning: {warning}", err=True)
        shown = started if dry_run or no_wait else watch(client, started["id"])
    if dry_run or no_wait:
        click.echo(json.dumps(shown) if as_json else _planned(shown))
        return
    click.echo(json.dumps(shown) if as_json else "\n".join(_lines(shown)))
    if shown["failure"] is not None:
        raise ShipledgerError(f"the hook was not registered: {shown['failure']}")


@click.command("list", epilog=example("shipledger gitlab list"))
@json_option
@service_options
def list_(as_json: bool, url: str | None, key: str | None) -> None:
    """List hooks with their state, repairs and errors."""
    with Client(find_address(url, key)) as client:
        shown = client.get(PATH)
    if as_json:
        click.echo(json.dumps(shown))
    else:
        print_table(list(COLUMNS), [[each[column] for column in COLUMNS] for each in shown["items"]])


@click.command(epilog=example("shipledger gitlab remove c1_0123456789abcdef"))
@click.argument("connection")
@click.option("--remove-hook", is_flag=True, help="Also delete the hook on GitLab.")
@service_options
def remove(connection: str, remove_hook: bool, url: str | None, key: str | None) -> None:
    """Stop accepting webhooks for CONNECTION.

    Deletes its secrets. The ledger stays as it is.

    """
    with Client(find_address(url, key)) as client:
        client.delete(f"/api/v1/connections/{connection}?remove_hook={'true' if remove_hook else 'false'}")
        shown = watch(client, connection) if remove_hook else None
    if shown is not None and shown["failure"] is not None:
        raise ShipledgerError(f"the connection was removed, but its hook on GitLab was not: {shown['failure']}")
    click.echo(f"removed {connection}")


def read_token() -> str:
    """Read the access token from the environment, or from a prompt."""
    return os.environ.get(TOKEN_VARIABLE) or str(click.prompt("GitLab token", hide_input=True, err=True))


def watch(client: Client, registration: str, pause: Callable[[float], None] = time.sleep) -> dict[str, Any]:
    """Wait until the workers are done, and show why they wait."""
    with Console(stderr=True).status("waiting for a worker") as status:
        while True:
            shown: dict[str, Any] = client.get(f"{PATH}/{registration}")
            if shown["state"] not in {"waiting", "removing"}:
                return shown
            status.update(shown["failure"] or "waiting for GitLab")
            pause(LOOK_SECONDS)


def _scope(group: str | None, project: str | None, *, is_system: bool) -> dict[str, str | None]:
    chosen: list[dict[str, str | None] | None] = [
        {"scope": "group", "path": group} if group is not None else None,
        {"scope": "project", "path": project} if project is not None else None,
        {"scope": "system", "path": None} if is_system else None,
    ]
    scopes = [each for each in chosen if each is not None]
    if len(scopes) != 1:
        raise SetUpError("pass one of --group PATH, --project PATH or --system")
    return scopes[0]


def _planned(started: dict[str, Any]) -> str:
    events = ", ".join(name for name, value in started["hook"].items() if value is True and name.endswith("_events"))
    ends = "nothing was created (--dry-run)" if started["id"] is None else "a worker is creating it"
    return f"hook to {started['webhook_url']}\n  {events}\n  TLS is verified\n  {ends}"


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    yield f"{shown['scope']} at {shown['host']}: {shown['state']}"
    if shown["state"] != "registered":
        return
    yield f"  connection {shown['id']}"
    yield f"  hook to {shown['webhook_url']}, {'signed' if shown['signed'] else 'with a secret token'}"
    yield f"  {_TESTS.get(shown['test'] or '', 'no test delivery was sent')}"
