"""How the command line sends many items: options to find the service, a progress bar, bulks, and their receipts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.client import KEY_VARIABLE, URL_VARIABLE, Client
from service.imports.items import in_bulks

Command = TypeVar("Command", bound=Callable[..., Any])


def service_options(command: Command) -> Command:
    """`--url` and `--key`, for commands that talk to a running service."""
    key = click.option("--key", metavar="KEY", help=f"API key; else {KEY_VARIABLE}, else that of the service here")
    url = click.option("--url", metavar="URL", help=f"The service; else {URL_VARIABLE}, else the one running here")
    return url(key(command))


@contextmanager
def progress_bar(description: str, total: int, *, in_bytes: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar on stderr where that is a terminal; yields what to call with each step's size."""
    console = Console(stderr=True)
    amount = DownloadColumn() if in_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(description, total=total)
        yield lambda step: progress.advance(task, step)


def send_in_bulks(client: Client, path: str, items: Iterable[Struct], total: int, description: str) -> Counter[str]:
    """Post `{"items": [...]}` until all are sent; returns the sums of the counts that the service answered."""
    receipts: Counter[str] = Counter()
    with progress_bar(description, total) as advance:
        for bulk in in_bulks(items):
            answer = client.post(path, {"items": bulk})
            receipts.update({name: count for name, count in answer.items() if isinstance(count, int)})
            advance(len(bulk))
    return receipts
