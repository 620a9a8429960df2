"""Sending items in batches: options that find the service, a progress bar, and the sums of the service's counts."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from schema.errors import SetUpError
from service.client import Client
from service.imports.items import in_bulks

# Pause between two polls of an import, and the longest wait for one import.
PAUSE_SECONDS = 0.1
IDLE_SECONDS = 300.0

Command = TypeVar("Command", bound=Callable[..., Any])


def service_options(command: Command) -> Command:
    """Add `--url` and `--key` to a command that talks to a running service."""
    key = click.option(
        "--key",
        metavar="KEY",
        help="API key.  [default: SHIPLEDGER_API_KEY, else that of the service on this machine]",
    )
    url = click.option(
        "--url", metavar="URL", help="URL of the service.  [default: SHIPLEDGER_URL, else the service on this machine]"
    )
    return url(key(command))


@contextmanager
def progress_bar(description: str, total: int, *, in_bytes: bool = False) -> Iterator[Callable[[int], None]]:
    """Show a progress bar if stderr is a terminal; yields a function to call with the size of each step."""
    console = Console(stderr=True)
    amount = DownloadColumn() if in_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(description, total=total)
        yield lambda step: progress.advance(task, step)


def send_in_bulks(client: Client, path: str, items: Iterable[Struct], total: int, description: str) -> Counter[str]:
    """Post `{"items": [...]}` in batches; returns the sums of the counts in the responses."""
    receipts: Counter[str] = Counter()
    with progress_bar(description, total) as advance:
        for bulk in in_bulks(items):
            answer = client.post(path, {"items": bulk})
            receipts.update({name: count for name, count in answer.items() if isinstance(count, int)})
            advance(len(bulk))
    return receipts


def import_in_bulks(
    client: Client, path: str, items: Iterable[Struct], total: int, description: str, *, seconds: float = IDLE_SECONDS
) -> Counter[str]:
    """Post `{"items": [...]}` in batches and wait until workers have recorded them.

    Returns the numbers of received, changed and, if any, refused items. Raises SetUpError if an import fails or takes
    longer than `seconds`.
    """
    counts: Counter[str] = Counter(received=0, changed=0)
    with progress_bar(description, total) as advance:
        for import_id in [client.post(path, {"items": bulk})["import_id"] for bulk in in_bulks(items)]:
            shown = wait_for_import(client, import_id, seconds)
            counts.update(received=shown["received"], changed=shown["new"] + shown["changed"])
            if shown["refused"]:
                counts.update(refused=shown["refused"])
            advance(shown["received"])
    return counts


def wait_for_import(client: Client, import_id: str, seconds: float) -> dict[str, Any]:
    """Return the import once it is done; raises SetUpError if it fails or takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        shown: dict[str, Any] = client.get(f"/api/v1/imports/{import_id}")
        if shown["state"] == "done":
            return shown
        if shown["state"] == "failed":
            raise SetUpError(f"The import {import_id} failed. {shown['failure']}")
        if time.monotonic() > deadline:
            raise SetUpError(
                f"The import {import_id} is still {shown['state']} after {seconds:.0f} seconds. "
                "Start a worker with: shipledger worker, then run the import again; nothing counts twice."
            )
        time.sleep(PAUSE_SECONDS)
