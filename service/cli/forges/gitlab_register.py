"""`shipledger gitlab register`, `list` and `remove`: hooks at GitLab, asked of the service and made by its workers."""

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import click
from rich.console import Console

from schema.errors import SetUpError, ShipledgerError
from service.cli.bulks import service_options
from service.cli.options import json_option
from service.cli.tables import print_table
from service.client import Client, find_address

PATH = "/api/v1/registrations"
# On a command line anybody on the machine could read it.
TOKEN_VARIABLE = "SHIPLEDGER_GITLAB_TOKEN"  # noqa: S105 - the name of a variable
LOOK_SECONDS = 1.0
COLUMNS = ("id", "scope", "host", "state", "last_delivery_at", "repairs", "last_repair", "failure")

_TESTS = {
    "arrived": "a test delivery arrived",
    "lost": "a test delivery was sent and did NOT arrive: GitLab does not reach the address, or was given no leave to",
    "nothing_to_send": "no test delivery was sent: there is no commit yet to tell of, or GitLab refused",
    "not_offered": "no test delivery was sent: this GitLab offers none",
}


@click.command()
@click.option("--group", metavar="PATH", help="Hear of all projects of a group and its subgroups (Premium).")
@click.option("--project", metavar="PATH", help="Hear of one project.")
@click.option("--system", is_flag=True, help="Hear of a whole instance; needs an administrator's token.")
@click.option("--base-url", metavar="URL", help="Of a GitLab of your own.  [default: https://gitlab.com]")
@click.option("--public-url", metavar="URL", help="Where GitLab reaches the service.  [default: as it is configured]")
@click.option("--no-backfill", is_flag=True, help="Fetch nothing of what was before.")
@click.option("--dry-run", is_flag=True, help="Print the hook, make none.")
@click.option("--no-wait", is_flag=True, help="Leave it to the workers and return at once.")
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
    """Make the webhook of a GitLab group, project or instance, test it, and fetch the last 12 months.

    The token is read from SHIPLEDGER_GITLAB_TOKEN, else asked for: scope api, of an owner of the group, a maintainer of
    the project, or an administrator. Workers look at the hook every hour and mend what was changed. Safe to repeat: the
    same again is mended, not made twice.
    """
    asked = {
        **_scope(group, project, is_system=system),
        "base_url": base_url,
        "public_url": public_url,
        "backfill": not no_backfill,
        "dry_run": dry_run,
    }
    with Client(find_address(url, key)) as client:
        begun = client.post(PATH, asked if dry_run else {**asked, "token": read_token()})
        for warning in begun["warnings"]:
            click.echo(f"warning: {warning}", err=True)
        shown = begun if dry_run or no_wait else watch(client, begun["id"])
    if dry_run or no_wait:
        click.echo(json.dumps(shown) if as_json else _planned(shown))
        return
    click.echo(json.dumps(shown) if as_json else "\n".join(_lines(shown)))
    if shown["failure"] is not None:
        raise ShipledgerError(f"the hook was not registered: {shown['failure']}")


@click.command("list")
@json_option
@service_options
def list_(as_json: bool, url: str | None, key: str | None) -> None:
    """List registered hooks, how often each was mended, and why one cannot be looked after."""
    with Client(find_address(url, key)) as client:
        shown = client.get(PATH)
    if as_json:
        click.echo(json.dumps(shown))
    else:
        print_table(list(COLUMNS), [[each[column] for column in COLUMNS] for each in shown["items"]])


@click.command()
@click.argument("connection")
@click.option("--remove-hook", is_flag=True, help="Delete the hook at GitLab, too.")
@service_options
def remove(connection: str, remove_hook: bool, url: str | None, key: str | None) -> None:
    """Take no more deliveries of CONNECTION and forget its secrets; the ledger stays."""
    with Client(find_address(url, key)) as client:
        client.delete(f"/api/v1/connections/{connection}?remove_hook={'true' if remove_hook else 'false'}")
        shown = watch(client, connection) if remove_hook else None
    if shown is not None and shown["failure"] is not None:
        raise ShipledgerError(f"the connection is removed, its hook at GitLab is not: {shown['failure']}")
    click.echo(f"removed {connection}")


def read_token() -> str:
    """The access token, which is never an argument."""
    return os.environ.get(TOKEN_VARIABLE) or str(click.prompt("GitLab token", hide_input=True, err=True))


def watch(client: Client, registration: str, pause: Callable[[float], None] = time.sleep) -> dict[str, Any]:
    """Wait until workers are done with it; says why they have to wait."""
    with Console(stderr=True).status("waiting for a worker") as status:
        while True:
            shown: dict[str, Any] = client.get(f"{PATH}/{registration}")
            if shown["state"] not in {"waiting", "removing"}:
                return shown
            status.update(shown["failure"] or "asking GitLab")
            pause(LOOK_SECONDS)


def _scope(group: str | None, project: str | None, *, is_system: bool) -> dict[str, str | None]:
    chosen: list[dict[str, str | None] | None] = [
        {"scope": "group", "path": group} if group is not None else None,
        {"scope": "project", "path": project} if project is not None else None,
        {"scope": "system", "path": None} if is_system else None,
    ]
    reported = [each for each in chosen if each is not None]
    if len(reported) != 1:
        raise SetUpError("say what to hear of: one of --group PATH, --project PATH and --system")
    return reported[0]


def _planned(begun: dict[str, Any]) -> str:
    events = ", ".join(name for name, value in begun["hook"].items() if value is True and name.endswith("_events"))
    ends = "nothing was made (--dry-run)" if begun["id"] is None else "workers make it"
    return f"hook to {begun['webhook_url']}\n  {events}\n  TLS is verified\n  {ends}"


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    yield f"{shown['scope']} at {shown['host']}: {shown['state']}"
    if shown["state"] != "registered":
        return
    yield f"  connection {shown['id']}"
    yield f"  hook to {shown['webhook_url']}, {'signed' if shown['signed'] else 'with a secret token'}"
    yield f"  {_TESTS.get(shown['test'] or '', 'no test delivery was sent')}"
