"""FOCUS files as Parquet. Needs pyarrow, so it is imported only for such files."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import IO, Any

from schema.errors import SetUpError
from service.imports.focus.rows import Place, Row, places_of

try:
    # It has no type hints, and may not be installed where types are checked.
    import pyarrow as pa  # type: ignore[import-untyped,import-not-found,unused-ignore]
    from pyarrow import parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ImportError as missing:
    raise SetUpError("Parquet files need pyarrow; install it with: pip install 'shipledger[parquet]'") from missing

BATCH = 20_000


def read_parquet(name: str, content: IO[bytes], follow: Callable[[], None]) -> Iterator[Row]:
    """Yield the rows of a Parquet file, numbered from 1, with exact decimals; raises SetUpError for other files."""
    try:
        with parquet.ParquetFile(content) as file:
            names = file.schema_arrow.names
            places = places_of(name, names)
            columns = [names[index] for index in places.values()]
            line = 0
            for batch in file.iter_batches(BATCH, columns=columns):
                values = [batch.column(column).to_pylist() for column in columns]
                for fields in zip(*values, strict=True):
                    line += 1
                    yield Row(Place(name, line), dict(zip(places, map(_text, fields), strict=True)))
                follow()
    except pa.ArrowException as error:
        raise SetUpError(f"{name}: is not a complete Parquet file; export it again; nothing was sent") from error


def _text(value: Any) -> str:
    """Return a value as CSV would write it; a float as its shortest decimal."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, dict)):
        # Maps arrive as pairs; exporters write SkuPriceDetails so.
        return json.dumps(value if isinstance(value, dict) else dict(_pairs(value)), default=str)
    return str(value).strip()


def _pairs(values: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((str(each[0]), each[1]) for each in values if isinstance(each, tuple) and len(each) == 2)  # noqa: PLR2004
