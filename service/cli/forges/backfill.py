"""`shipledger github backfill` and `gitlab backfill`: start a backfill and show the workers' progress."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from schema.errors import ShipledgerError
from service.cli.options import example, json_option, service_options
from service.client import Client, find_address

PATH = "/api/v1/backfills"
LOOK_SECONDS = 1.0
UNFINISHED = {"running", "waiting"}


def make_backfill(forge: str) -> click.Command:
    """Create the command for one forge."""

    @click.command(
        "backfill", help=_help(forge), epilog=example(f"shipledger {forge} backfill --since 2026-01-01 --dry-run")
    )
    @click.option(
        "--since",
        type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
        help="First UTC day to fetch, as YYYY-MM-DD.  [default: 12 months ago]",
    )
    @click.option(
        "--repository", metavar="OWNER/NAME", help="Only this repository.  [default: all that the connection can read]"
    )
    @click.option(
        "--connection", metavar="ID", help="Only through this connection.  [default: all connections with access]"
    )
    @click.option("--dry-run", is_flag=True, help="Count what would be fetched, and fetch nothing.")
    @click.option("--no-wait", is_flag=True, help="Return at once instead of waiting for the workers.")
    @json_option
    @service_options
    def backfill(
        since: datetime | None,
        repository: str | None,
        connection: str | None,
        dry_run: bool,
        no_wait: bool,
        as_json: bool,
        url: str | None,
        key: str | None,
    ) -> None:
        body = {
            "forge": forge,
            "since": since.replace(tzinfo=UTC).isoformat() if since else None,
            "repository": repository,
            "connection": connection,
            "dry_run": dry_run,
        }
        with Client(find_address(url, key)) as client:
            started = client.post(PATH, body)["items"]
            shown = started if no_wait else watch(client, started)
        click.echo(json.dumps({"items": shown}) if as_json else "\n".join(as_text(each) for each in shown))
        if any(each["state"] == "failed" for each in shown):
            raise ShipledgerError("some repositories could not be fetched; see the reasons above")

    return backfill


def _help(forge: str) -> str:
    name = {"github": "GitHub", "gitlab": "GitLab"}[forge]
    return (
        f"Fetch the history on {name} from before you connected it.\n\nWorkers fetch pull requests, "
        "commits, reviews and releases page by page, within the forge's rate limits. They continue if you stop "
        "this command. Safe to repeat: nothing counts twice."
    )


def watch(client: Client, started: list[dict[str, Any]], pause: Callable[[float], None] = time.sleep) -> list[Any]:
    """Show the progress until all backfills are finished; returns their final state."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    shown = started
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        tasks = {each["id"]: progress.add_task(each["forge"], total=None) for each in started}
        while any(each["state"] in UNFINISHED for each in shown):
            pause(LOOK_SECONDS)
            shown = [client.get(f"{PATH}/{each['id']}") for each in started]
            _draw(progress, tasks, shown)
    return shown


def _draw(progress: Progress, tasks: dict[str, TaskID], shown: list[dict[str, Any]]) -> None:
    for each in shown:
        finished, found = each["finished_repositories"], each["repositories"]
        description = f"{each['forge']}: {finished} of {found} repositories, pull requests"
        if each["state"] == "waiting":
            description += f" (rate limit; continues at {_clock_time(each['continues_at'])})"
        progress.update(
            tasks[each["id"]],
            description=description,
            completed=each["pull_requests"],
            total=max(each["expected_pull_requests"], each["pull_requests"]) or None,
        )


def as_text(shown: dict[str, Any]) -> str:
    """Format one backfill as text."""
    return "\n".join(_lines(shown))


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    yield f"{shown['forge']}, since {shown['since'][:10]}: {shown['state']}"
    if shown["dry_run"]:
        yield f"  {shown['repositories']} repositories with about {shown['expected_pull_requests']} pull requests"
        yield "  nothing was fetched (--dry-run)"
        return
    yield f"  {shown['finished_repositories']} of {shown['repositories']} repositories"
    yield f"  {shown['pull_requests']} pull requests and {shown['releases']} releases in {shown['requests']} requests"
    for reason, count in shown["failures"].items():
        yield f"  {count} failed: {reason}"


def _clock_time(text: str | None) -> str:
    return datetime.fromisoformat(text).astimezone().strftime("%H:%M") if text else "once"
