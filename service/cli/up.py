"""`shipledger up`: the embedded stack in the foreground."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.ending import Ended, ending_signals, wait_for_end
from service.cli.options import data_option, default_data, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.embedded import EmbeddedStack

QUESTION = (
    "\nShow pull requests, releases and repositories by name, such as octo-org/octo-repo#7?\n"
    "The names are stored as text. Change it later with: shipledger labels on|off\nShow names?"
)


@click.command(epilog=example("shipledger up"))
@data_option
@click.option(
    "--port",
    default=8787,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes any free port.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--labels/--no-labels",
    default=None,
    help="Store names of pull requests, releases and repositories, or delete them.  [default: ask at the first start]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready, and nothing else.")
def up(data: Path | None, port: int, host: str, labels: bool | None, as_json: bool) -> None:
    """Run Shipledger on this machine, with all data in one folder.

    Starts PostgreSQL, the service and a worker, and Redis if it is installed. Stop it with Ctrl-C or SIGTERM and start
    it again at any time: nothing is lost.

    """
    from schema.logs import configure_logs
    from service.embedded import EmbeddedStack

    if not as_json:
        # Keeps the terminal readable.
        os.environ.setdefault("SHIPLEDGER_LOG_LEVEL", "warning")
    configure_logs(os.environ.get("SHIPLEDGER_LOG_LEVEL", "info"))
    is_ready = False
    with ending_signals():
        try:
            with _starting(EmbeddedStack(data or default_data(), port, host), is_silent=as_json) as stack:
                # Before the greeting, because its reader may send a signal at once.
                is_ready = True
                if labels is not None:
                    _set_labels(stack, enabled=labels)
                _greet(stack, as_json)
                if labels is None and stack.is_new_key and not as_json and sys.stdin.isatty():
                    _set_labels(stack, enabled=click.confirm(QUESTION))
                # Another stack that commands found may have ended.
                wait_for_end(stack.announce)
        except Ended:
            sys.exit(0 if is_ready else 1)


@contextmanager
def _starting(stack: "EmbeddedStack", *, is_silent: bool) -> "Iterator[EmbeddedStack]":
    """Run a stack; a terminal shows that it starts, which takes some seconds."""
    from rich.console import Console

    with ExitStack() as running:
        with Console(stderr=True, quiet=is_silent).status("Starting PostgreSQL, the service and a worker …"):
            running.enter_context(stack)
        yield stack


def _set_labels(stack: "EmbeddedStack", *, enabled: bool) -> None:
    from service.client import Address, Client

    with Client(Address(stack.url, stack.api_key)) as client:
        client.put("/api/v1/labels", {"enabled": enabled})


def _greet(stack: "EmbeddedStack", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"url": stack.url, "api_key": stack.api_key, "dashboard": stack.dashboard_link}))
        return
    click.echo(f"Shipledger is running at {stack.url}")
    click.echo(f"  dashboard  {stack.dashboard_link}  (opens once)")
    if stack.is_new_key:
        click.echo(f"  API key    {stack.api_key}")
    click.echo(f"  data       {stack.data}  (the API key is in credentials.json)")
    click.echo("Press Ctrl-C to stop; nothing is lost.")
