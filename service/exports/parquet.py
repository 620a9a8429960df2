"""Rows as a Parquet file, written in row groups so that little is held in memory. Needs the extra `parquet`."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

from schema.errors import BadInputError
from service.exports.columns import Column, Kind

# Nano-USD of any sum.
_DIGITS, _PLACES = 38, 9


class ParquetFile:
    """A Parquet file as it grows: each call returns the bytes that it adds."""

    def __init__(self, columns: Sequence[Column]) -> None:
        pyarrow, parquet = _library()
        types = {
            Kind.TEXT: pyarrow.string(),
            Kind.COUNT: pyarrow.int64(),
            Kind.NUMBER: pyarrow.float64(),
            Kind.FLAG: pyarrow.bool_(),
            Kind.DAY: pyarrow.date32(),
            Kind.INSTANT: pyarrow.timestamp("us", tz="UTC"),
            Kind.MONEY: pyarrow.decimal128(_DIGITS, _PLACES),
        }
        self._arrow = pyarrow
        self._kinds = [column.kind for column in columns]
        self._schema = pyarrow.schema([(column.name, types[column.kind]) for column in columns])
        self._bytes = Growing()
        self._writer = parquet.ParquetWriter(self._bytes, self._schema, compression="zstd")

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Add rows as one row group."""
        if rows:
            values = zip(*rows, strict=True)
            columns = [[_typed(value, kind) for value in each] for each, kind in zip(values, self._kinds, strict=True)]
            arrays = [
                self._arrow.array(each, type=field.type) for each, field in zip(columns, self._schema, strict=True)
            ]
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        return self._bytes.take()

    def end(self) -> bytes:
        """Finish the file."""
        self._writer.close()
        return self._bytes.take()


class Growing:
    """A file object to write to, from which written bytes are taken."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._length = 0
        self.closed = False

    def write(self, chunk: Any) -> int:
        """Append bytes."""
        self._chunks.append(bytes(chunk))
        self._length += len(self._chunks[-1])
        return len(self._chunks[-1])

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._length

    def flush(self) -> None:
        """Do nothing: the bytes are taken by `take`."""

    def close(self) -> None:
        """Mark as closed; written bytes can still be taken."""
        self.closed = True

    def take(self) -> bytes:
        """Return the bytes written since the last call."""
        taken = b"".join(self._chunks)
        self._chunks.clear()
        return taken


def require_parquet() -> None:
    """Raise BadInputError if Parquet files cannot be written."""
    _library()


def _library() -> tuple[Any, Any]:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")  # an extra, and slow to import
    except ImportError as error:
        raise BadInputError(
            "parquet needs an extra on the service: pip install 'shipledger[parquet]'; or use format=csv",
            field="format",
        ) from error
    return arrow, parquet


def _typed(value: Any, kind: Kind) -> Any:
    """Return a value of JSON as the type of its column."""
    if not isinstance(value, str):
        return value if value is None or kind is not Kind.TEXT else str(value)
    if kind is Kind.MONEY:
        return Decimal(value)
    if kind is Kind.DAY:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if kind is Kind.INSTANT else value
