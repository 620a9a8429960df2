"""Requests that a gateway logged to a file: JSON lines or CSV with a header, plain or gzip.

Fields have the names of `POST /api/v1/gateway-usage`; other fields are not read.
"""

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Final

import msgspec

from schema.errors import BadInputError, SetUpError
from service.contracts.gateway_usage import GatewayRequestIn, GatewayUsageBatch
from service.gateway.bulk import read_bulk

GZIP: Final = b"\x1f\x8b"
BROKEN: Final = (OSError, EOFError, UnicodeDecodeError, csv.Error)
# What exporters write for a missing value.
NOTHING: Final = frozenset({"", "null", "none", "nan", "\\n"})
FIELDS: Final = frozenset(GatewayRequestIn.__struct_fields__)
REQUIRED: Final = tuple(field.name for field in msgspec.structs.fields(GatewayRequestIn) if field.required)

Advance = Callable[[int], None]
# Called with a line's place and why it cannot be used.
LeaveOut = Callable[[str, str], None]
# A line's number, and how to read its request. Raises UnusableLineError.
_Line = tuple[int, Callable[[], GatewayRequestIn]]


class UnusableLineError(ValueError):
    """A line cannot be used. The text names the field and never its value."""


def read_requests(
    path: Path, advance: Advance = lambda _: None, leave_out: LeaveOut = lambda _place, _reason: None
) -> Iterator[GatewayRequestIn]:
    """Yield the requests of a file, in order; `advance` is called with the bytes read.

    `leave_out` is called with the place of a line that cannot be used, and why; it names the field but never a value,
    and the other lines go on. Raises SetUpError for a file that cannot be read.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == GZIP
            file.seek(0)
            with gzip.open(file) if zipped else file as content:
                text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
                yield from _requests(path.name, _followed(text, file, advance), leave_out)
    except BROKEN as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read completely"
        raise SetUpError(f"{path.name}: {reason}; nothing was sent") from error


def _followed(lines: Iterable[str], file: IO[bytes], advance: Advance) -> Iterator[str]:
    done = 0
    for line in lines:
        yield line
        if (position := file.tell()) > done:
            advance(position - done)
            done = position


def _requests(name: str, lines: Iterator[str], leave_out: LeaveOut) -> Iterator[GatewayRequestIn]:
    number, first = 0, ""
    for number, first in enumerate(lines, start=1):  # noqa: B007 - the last values are used
        if first.strip():
            break
    if not first.strip():
        return
    if first.lstrip().startswith("{"):
        found = _json_lines(chain([first], lines), number)
    else:
        found = _csv(name, first, lines, number)
    for line, read in found:
        try:
            yield _checked(read())
        except UnusableLineError as error:
            leave_out(f"{name}, line {line}", str(error))


def _json_lines(lines: Iterable[str], start: int) -> Iterator[_Line]:
    for number, line in enumerate(lines, start=start):
        if line.strip():
            yield number, partial(_decoded, line)


def _decoded(line: str) -> GatewayRequestIn:
    try:
        return msgspec.json.decode(line, type=GatewayRequestIn)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnusableLineError(_reason(error)) from None


def _csv(name: str, first: str, rest: Iterable[str], start: int) -> Iterator[_Line]:
    header = [column.strip().lower() for column in next(csv.reader([first]))]
    if missing := [column for column in REQUIRED if column not in header]:
        raise SetUpError(
            f"{name}, line {start}: is neither JSON nor a header with the column {missing[0]}; nothing was sent"
        )
    reader = csv.reader(rest)
    following = start + 1
    for cells in reader:
        # A quoted cell may span several lines; errors name the first line of the row.
        number, following = following, start + reader.line_num + 1
        if not cells:
            continue
        row = {
            column: text
            for column, cell in zip(header, cells, strict=False)
            if column in FIELDS and (text := cell.strip()).lower() not in NOTHING
        }
        yield number, partial(_converted, row)


def _converted(row: dict[str, str]) -> GatewayRequestIn:
    try:
        # Not strict: every cell is text, to be converted to the type of its field.
        return msgspec.convert(row, GatewayRequestIn, strict=False)
    except msgspec.MsgspecError as error:
        raise UnusableLineError(_reason(error)) from None


def _checked(item: GatewayRequestIn) -> GatewayRequestIn:
    """Return the item; raises UnusableLineError if the service would refuse it."""
    try:
        read_bulk(GatewayUsageBatch([item]))
    except BadInputError as error:
        column = (error.field or "").rpartition(".")[2]
        raise UnusableLineError(f"{column} {error.detail}") from None
    return item


def _reason(error: Exception) -> str:
    """Return why a line cannot be read; msgspec's text names types and limits but no value."""
    return "is nested too deeply" if isinstance(error, RecursionError) else str(error).replace("`$.", "`")
