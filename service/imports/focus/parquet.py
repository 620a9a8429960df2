"""FOCUS files as Parquet. Needs pyarrow, so it is imported only for such files."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from schema.errors import SetUpError
from service.imports.focus.rows import Advance, Place, Row, places_of

try:
    # It has no type hints, and may not be installed where types are checked.
    import pyarrow as pa  # type: ignore[import-untyped,import-not-found,unused-ignore]
    from pyarrow import parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ImportError as missing:
    raise SetUpError("Parquet files need pyarrow; install it with: pip install 'shipledger[parquet]'") from missing

BATCH = 20_000


def read_parquet(path: Path, advance: Advance) -> Iterator[Row]:
    """Yield the rows of a Parquet file, numbered from 1, with exact decimals; raises SetUpError for other files."""
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            places = places_of(path.name, names)
            columns = [names[index] for index in places.values()]
            line = 0
            share = path.stat().st_size / max(file.metadata.num_rows, 1)
            for batch in file.iter_batches(BATCH, columns=columns):
                values = [batch.column(name).to_pylist() for name in columns]
                for fields in zip(*values, strict=True):
                    line += 1
                    yield Row(Place(path.name, line), dict(zip(places, map(_text, fields), strict=True)))
                advance(round(share * batch.num_rows))
    except pa.ArrowException as error:
        raise SetUpError(f"{path.name}: is not a complete Parquet file; export it again; nothing was sent") from error


def _text(value: Any) -> str:
    """Return a value as CSV would write it; a float as its shortest decimal."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()
