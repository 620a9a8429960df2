"""Options of commands that show figures by period and group, beside an earlier period."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

# The names of the options that are called otherwise in a query.
NAMES = {"first": "from", "last": "to"}


def period_options(first: str) -> Callable[[Command], Command]:
    """Add `--from`, `--to`, `--bucket` and `--compare`; `first` is the default first day."""

    def add(command: Command) -> Command:
        for option in reversed(
            (
                click.option("--from", "first", metavar="YYYY-MM-DD", help=f"First UTC day.  [default: {first}]"),
                click.option("--to", "last", metavar="YYYY-MM-DD", help="Last UTC day, inclusive.  [default: today]"),
                click.option(
                    "--bucket",
                    type=click.Choice(["total", "day", "week", "month", "quarter"]),
                    default="total",
                    show_default=True,
                    help="Length of each period.",
                ),
                click.option(
                    "--compare",
                    type=click.Choice(["previous", "year"]),
                    help="Show the change from an earlier period.",
                ),
            )
        ):
            command = option(command)
        return command

    return add


def query_of(question: dict[str, str | None]) -> dict[str, str]:
    """Return the options that were given as a query."""
    return {NAMES.get(name, name): value for name, value in question.items() if value}
