"""Options of commands that show figures by period and group, beside an earlier period."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

# The names of the options that are called otherwise in a query.
NAMES = {"first": "from", "last": "to"}


_BUCKET = click.option(
    "--bucket",
    type=click.Choice(["total", "day", "week", "month", "quarter"]),
    default="total",
    show_default=True,
    help="Length of each period.",
)
_COMPARE = click.option(
    "--compare", type=click.Choice(["previous", "year"]), help="Show the change from an earlier period."
)


def day_options(first: str) -> Callable[[Command], Command]:
    """Add `--from` and `--to`; `first` is the default first day."""
    return _all(
        click.option("--from", "first", metavar="YYYY-MM-DD", help=f"First UTC day.  [default: {first}]"),
        click.option("--to", "last", metavar="YYYY-MM-DD", help="Last UTC day, inclusive.  [default: today]"),
    )


def bucket_options(first: str) -> Callable[[Command], Command]:
    """Add `--from`, `--to` and `--bucket`."""
    return _all(day_options(first), _BUCKET)


def period_options(first: str) -> Callable[[Command], Command]:
    """Add `--from`, `--to`, `--bucket` and `--compare`."""
    return _all(bucket_options(first), _COMPARE)


def group_option(*dimensions: str) -> Callable[[Command], Command]:
    """Add `--group-by` with one of some dimensions."""
    return click.option("--group-by", "group_by", type=click.Choice(dimensions), help="Split by this dimension.")


def _all(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def query_of(question: dict[str, str | None]) -> dict[str, str]:
    """Return the options that were given as a query."""
    return {NAMES.get(name, name): value for name, value in question.items() if value}
