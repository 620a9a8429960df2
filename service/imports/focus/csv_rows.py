"""FOCUS files as CSV, plain or gzip."""

import csv
import gzip
import io
from collections.abc import Iterator
from typing import IO

from schema.errors import SetUpError
from service.imports.focus.rows import Advance, Place, Row, places_of

LARGEST_FIELD = 1 << 20


def read_csv(file: str, raw: IO[bytes], advance: Advance, *, zipped: bool) -> Iterator[Row]:
    """Yield the rows below the header; raises SetUpError that names a line that cannot be read."""
    plain = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if zipped else raw
    lines = csv.reader(io.TextIOWrapper(plain, encoding="utf-8-sig", newline=""), strict=True)
    csv.field_size_limit(LARGEST_FIELD)
    advanced = 0
    try:
        places = places_of(file, next(lines, []))
        width = max(places.values()) + 1
        for fields in lines:
            if not fields:
                continue
            place = Place(file, lines.line_num)
            if len(fields) < width:
                raise place.error(_last_of(places), "is missing; the line has fewer fields than the header")
            yield Row(place, {column: fields[index].strip() for column, index in places.items()})
            if (read := raw.tell()) > advanced:
                advance(read - advanced)
                advanced = read
    except csv.Error as error:
        raise SetUpError(
            f"{file}, line {lines.line_num}: is not valid CSV (an unclosed quote or a field that is too long); export "
            "it again; nothing was sent"
        ) from error
    except UnicodeDecodeError as error:
        raise SetUpError(
            f"{file}, after line {lines.line_num}: is not UTF-8 text; export it again; nothing was sent"
        ) from error


def _last_of(places: dict[str, int]) -> str:
    return max(places, key=places.__getitem__)
