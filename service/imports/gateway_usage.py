"""Requests that a gateway logged to a file: JSON lines or CSV with a header, plain or gzip.

Fields have the names of `POST /api/v1/gateway-usage`; other fields are not read.
"""

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator
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


def read_requests(path: Path, advance: Advance = lambda _: None) -> Iterator[GatewayRequestIn]:
    """Yield the requests of a file, in order; `advance` is called with the bytes read.

    Raises SetUpError, which names the line and the field that cannot be read but never a value.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == GZIP
            file.seek(0)
            with gzip.open(file) if zipped else file as content:
                text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
                yield from _requests(path.name, _followed(text, file, advance))
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


def _requests(name: str, lines: Iterator[str]) -> Iterator[GatewayRequestIn]:
    number, first = 0, ""
    for number, first in enumerate(lines, start=1):  # noqa: B007 - the last values are used
        if first.strip():
            break
    if not first.strip():
        return
    if first.lstrip().startswith("{"):
        yield from _json_lines(name, first, lines, number)
    else:
        yield from _csv(name, first, lines, number)


def _json_lines(name: str, first: str, rest: Iterable[str], start: int) -> Iterator[GatewayRequestIn]:
    yield _decoded(name, start, first)
    for number, line in enumerate(rest, start=start + 1):
        if line.strip():
            yield _decoded(name, number, line)


def _decoded(name: str, number: int, line: str) -> GatewayRequestIn:
    try:
        item = msgspec.json.decode(line, type=GatewayRequestIn)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _unreadable(name, number, error) from error
    return _checked(name, number, item)


def _csv(name: str, first: str, rest: Iterable[str], start: int) -> Iterator[GatewayRequestIn]:
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
        try:
            # Not strict: every cell is text, to be converted to the type of its field.
            item = msgspec.convert(row, GatewayRequestIn, strict=False)
        except msgspec.MsgspecError as error:
            raise _unreadable(name, number, error) from error
        yield _checked(name, number, item)


def _checked(name: str, number: int, item: GatewayRequestIn) -> GatewayRequestIn:
    """Return the item; raises SetUpError if the service would refuse it."""
    try:
        read_bulk(GatewayUsageBatch([item]))
    except BadInputError as error:
        column = (error.field or "").rpartition(".")[2]
        raise SetUpError(f"{name}, line {number}: {column} {error.detail}; nothing was sent") from error
    return item


def _unreadable(name: str, number: int, error: Exception) -> SetUpError:
    """Return the error for a line; msgspec's text names types and limits but no value."""
    reason = "is nested too deeply" if isinstance(error, RecursionError) else str(error).replace("`$.", "`")
    return SetUpError(f"{name}, line {number}: {reason}; nothing was sent")
