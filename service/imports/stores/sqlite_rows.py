"""Rows of a SQLite database that an agent may be writing at the same time: opened for reading only."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from service.imports.stores.problems import Problems

# How long a writer may hold the database.
WAIT_SECONDS = 5.0


def columns_of(path: Path, table: str) -> frozenset[str]:
    """Return the names of a table's columns; empty without the table or for a file that is not a database."""
    try:
        with _open(path) as connection:
            return frozenset(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
    except sqlite3.Error:
        return frozenset()


def rows_of(path: Path, query: str, problems: Problems) -> Iterator[Sequence[object]]:
    """Yield the rows of a query; a database that cannot be read is counted."""
    try:
        with _open(path) as connection:
            yield from connection.execute(query)
    except sqlite3.Error:
        problems.add_file(path)


class _open:  # noqa: N801 - reads as a function
    """A connection that is closed at the end."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=WAIT_SECONDS)
        self._connection.text_factory = lambda raw: raw.decode("utf-8", "replace")

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
