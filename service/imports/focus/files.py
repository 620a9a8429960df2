"""Bill files of any format: CSV and Parquet, plain or packed, recognised by content."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from schema.errors import SetUpError
from service.imports.focus.containers import BROKEN, contents
from service.imports.focus.csv_rows import read_csv
from service.imports.focus.rows import Advance, Row

PARQUET = b"PAR1"


def read_rows(path: Path, advance: Advance) -> Iterator[Row]:
    """Yield the rows of a file; `advance` is called with the bytes read. Raises SetUpError if it cannot be read."""
    try:
        with path.open("rb") as file:
            follow = _follower(file, advance)
            for name, content in contents(path.name, file):
                yield from _read(name, content, follow)
            follow()
    except BROKEN as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read completely"
        raise SetUpError(f"{path.name}: {reason}; nothing was sent") from error


def _read(name: str, content: io.BufferedReader, follow: Callable[[], None]) -> Iterator[Row]:
    if content.peek(len(PARQUET)).startswith(PARQUET):
        from service.imports.focus.parquet import read_parquet  # noqa: PLC0415 - an optional extra

        yield from read_parquet(name, content, follow)
    else:
        yield from read_csv(name, content, follow)


def _follower(file: IO[bytes], advance: Advance) -> Callable[[], None]:
    """Return a function that reports how far a file was read since its last call."""
    done = 0

    def follow() -> None:
        nonlocal done
        if not file.closed and (position := file.tell()) > done:
            advance(position - done)
            done = position

    return follow
