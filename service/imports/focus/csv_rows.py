"""Bills as CSV, with any encoding, delimiter and decimal separator that exporters and spreadsheets write."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, starmap
from typing import Final, TypeAlias

from schema.errors import SetUpError
from service.imports.focus.decimals import find_decimals, plain_number
from service.imports.focus.github_report import REPORT_COLUMNS, REPORT_NUMBERS, is_report, report_rows
from service.imports.focus.rows import KNOWN, NUMBERS, Place, Row, places_of, plain_name

LARGEST_FIELD: Final = 1 << 20
DELIMITERS: Final = (",", ";", "\t", "|")
# Rows that are looked at to find how the file writes numbers.
SAMPLE: Final = 2_000
# Rows between two reports of progress.
STEP: Final = 100
BOM: Final = "\ufeff"
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

Fields: TypeAlias = list[str]
# A row's place, and its values by column.
_Values: TypeAlias = tuple[Place, dict[str, str]]


def read_csv(file: str, content: io.BufferedReader, follow: Callable[[], None]) -> Iterator[Row]:
    """Yield the rows below the header; raises SetUpError that names a line that cannot be read."""
    csv.field_size_limit(LARGEST_FIELD)
    lines = _Lines(content)
    try:
        delimiter, header = _find_header(lines)
        if is_report(map(plain_name, header)):
            places = {
                name: place for place, column in enumerate(header) if (name := plain_name(column)) in REPORT_COLUMNS
            }
            rows = report_rows(_values(file, lines, delimiter, header, places, REPORT_NUMBERS))
        else:
            places = places_of(file, header, delimiter)
            rows = starmap(Row, _values(file, lines, delimiter, header, places, NUMBERS))
        for number, row in enumerate(rows):
            yield row
            if number % STEP == 0:
                follow()
    except csv.Error as error:
        raise SetUpError(
            f"{file}, line {lines.number}: is not valid CSV (an unclosed quote or a field that is too long); export "
            "it again; nothing was sent"
        ) from error
    except UnicodeError as error:
        place = f", after line {lines.number}" if lines.number else ""
        raise SetUpError(
            f"{file}{place}: the text is neither UTF-8 nor UTF-16; save the file as 'CSV UTF-8'; nothing was sent"
        ) from error


class _Lines:
    """The lines of a text, without the byte order marks that some exporters repeat; `number` is the last one's."""

    def __init__(self, content: io.BufferedReader) -> None:
        self.number = 0
        self._text = io.TextIOWrapper(content, encoding=_encoding(content.peek(4)[:4]), newline="")

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.number += 1
        line = line.lstrip(BOM) if line.startswith(BOM) else line
        return line.replace("\0", "") if "\0" in line else line


def _encoding(beginning: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if beginning.startswith(mark):
            return encoding
    # Headers are ASCII, so UTF-16 without a mark shows by its zero bytes.
    if beginning[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if beginning[:1] == b"\0" else "utf-8"


def _find_header(lines: Iterator[str]) -> tuple[str, Fields]:
    """Return the delimiter and the header; spreadsheets may name the delimiter in a line before it."""
    named = ""
    for line in lines:
        text = line.strip()
        if text.strip(",;|\t") == "":
            continue
        if text.lower().startswith("sep=") and len(text) == len("sep=") + 1:
            named = text[-1]
            continue
        if named:
            return named, _fields(line, named)
        headers = {delimiter: _fields(line, delimiter) for delimiter in DELIMITERS}
        best = max(DELIMITERS, key=lambda delimiter: _known_columns(headers[delimiter]))
        return best, headers[best]
    return ",", []


def _fields(line: str, delimiter: str) -> Fields:
    return next(csv.reader([line], delimiter=delimiter), [])


def _known_columns(header: Sequence[str]) -> int:
    return sum(name in KNOWN or name in REPORT_COLUMNS for name in map(plain_name, header))


def _values(
    file: str, lines: _Lines, delimiter: str, header: Fields, places: Mapping[str, int], numbers: Iterable[str]
) -> Iterator[_Values]:
    """Yield the values of each row by column, with numbers that have a decimal point."""
    rows = _rows(file, lines, delimiter, header, places)
    present = [name for name in numbers if name in places]
    sample = list(islice(rows, SAMPLE))
    decimals = find_decimals((values[name] for _, values in sample for name in present), delimiter)
    for place, values in chain(sample, rows):
        for name in present:
            values[name] = plain_number(values[name], decimals)
        yield place, values


def _rows(file: str, lines: _Lines, delimiter: str, header: Fields, places: Mapping[str, int]) -> Iterator[_Values]:
    """Yield the values of each row by column; a header in the middle is left out."""
    columns = list(places.items())
    width = max(places.values(), default=-1) + 1
    for fields in csv.reader(lines, delimiter=delimiter, strict=True):
        if not any(fields) or fields == header:
            continue
        place = Place(file, lines.number)
        if len(fields) < width:
            last = header[width - 1].strip(BOM)
            raise place.error(last, "is missing; the line has fewer fields than the header")
        yield place, {name: fields[index].strip() for name, index in columns}
