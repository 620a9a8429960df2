"""A progress bar or a spinner on a terminal, and nothing elsewhere."""

# ruff: noqa: PLC0415 - rich takes longer to import than many a command takes to run

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

REFRESH_SECONDS = 0.1


@contextmanager
def waiting(description: str) -> Iterator[None]:
    """Show a spinner if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(description):
        yield


@contextmanager
def progress_bar(description: str, total: int, *, in_bytes: bool = False) -> Iterator[Callable[[int], None]]:
    """Show a progress bar if stderr is a terminal; yields a function to call with the size of each step."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    amount = DownloadColumn() if in_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    # Drawn by the steps and not by a thread of its own, so that readers may fork.
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        task, drawn_at = progress.add_task(description, total=total), 0.0

        def advance(step: int) -> None:
            nonlocal drawn_at
            progress.advance(task, step)
            if time.monotonic() - drawn_at > REFRESH_SECONDS:
                progress.refresh()
                drawn_at = time.monotonic()

        yield advance


@contextmanager
def progress_of_steps(description: str) -> Iterator[Callable[[int], Callable[[int], None]]]:
    """Yield a function that gets the number of steps once it is known, and returns what to call with each of them."""
    with ExitStack() as shown:
        yield lambda total: shown.enter_context(progress_bar(description, total))
