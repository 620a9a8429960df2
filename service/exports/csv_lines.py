"""Rows as CSV: RFC 4180, UTF-8, a header, empty fields for missing values."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any


def csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as CSV lines; booleans as `true` and `false`."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows([_text(value) for value in row] for row in rows)
    return buffer.getvalue().encode()


def _text(value: Any) -> Any:
    return ("false", "true")[value] if isinstance(value, bool) else value
