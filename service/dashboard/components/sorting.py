"""Heads of columns that sort a table. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from service.dashboard.view.view import View


class Column(NamedTuple):
    """The head of a column: `address` sorts by it, empty if nothing does; `order` is ascending, descending or empty."""

    text: str
    address: str
    order: str


def sorted_columns(view: View, columns: Sequence[tuple[str, str]], sort: str, default: str) -> dict[str, Column]:
    """Return heads by sort key, from (key, text); `name` ascends, figures descend."""
    return {
        key: Column(
            text,
            view.at(sort="" if key == default else key),
            ("ascending" if key == "name" else "descending") if key == sort else "",
        )
        for key, text in columns
    }
