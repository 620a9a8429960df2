"""FOCUS files of any format: CSV, plain or gzip, and Parquet, recognised by content."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from schema.errors import SetUpError
from service.imports.focus.csv_rows import read_csv
from service.imports.focus.rows import Advance, Row

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
BROKEN = (OSError, EOFError, zlib.error)


def read_rows(path: Path, advance: Advance) -> Iterator[Row]:
    """Yield the rows of a file; `advance` is called with the bytes read. Raises SetUpError if it cannot be read."""
    try:
        with path.open("rb") as file:
            beginning = file.read(4)
            file.seek(0)
            if beginning == PARQUET:
                from service.imports.focus.parquet import read_parquet  # noqa: PLC0415 - an optional extra

                yield from read_parquet(path, advance)
            else:
                yield from read_csv(path.name, file, advance, zipped=beginning.startswith(GZIP))
    except BROKEN as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read completely"
        raise SetUpError(f"{path.name}: {reason}; nothing was sent") from error
