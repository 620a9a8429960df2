"""Folders of Bedrock's invocation logs, as stored in S3: JSON lines, usually gzipped."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import TypeAlias

from schema.errors import SetUpError
from service.imports.bedrock import Skipped, UnusableLineError, parse_line
from service.imports.left_out import UnusableRow, unusable_row
from service.imports.requests import Request

SUFFIXES = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".gz", ".log")
GZIP = b"\x1f\x8b"
# A record holds up to 100 KB of each body. A longer line is read in pieces, which count as broken.
LONGEST_LINE = 16 * 1024 * 1024
LeaveOut: TypeAlias = Callable[[UnusableRow], None]
BROKEN_FILE = (OSError, EOFError, zlib.error)


def find_files(path: Path) -> list[Path]:
    """Return the file, or every log below the folder, sorted. Raises SetUpError if there is none."""
    if path.is_file():
        return [path]
    files = sorted(each for each in path.rglob("*") if each.name.endswith(SUFFIXES) and each.is_file())
    if not files:
        raise SetUpError(f"{path.name} holds no invocation logs ({', '.join(SUFFIXES)})", field="path")
    return files


def read_requests(
    files: list[Path],
    skipped: Counter[Skipped],
    advance: Callable[[int], None],
    team_key: str | None = None,
    leave_out: LeaveOut = lambda _: None,
) -> Iterator[Request]:
    """Yield the requests of all files; lines without a request are counted in `skipped`.

    `leave_out` is called with a request that cannot be used, or is broken after its counts; the other lines go on.
    Raises SetUpError, which names the file but quotes no content.
    """
    for file in files:
        try:
            with file.open("rb") as raw:
                zipped = raw.read(2) == GZIP
                raw.seek(0)
                lines = gzip.GzipFile(fileobj=raw) if zipped else raw
                yield from _read(file.name, lines, skipped, team_key, leave_out)
        except BROKEN_FILE as error:
            raise SetUpError(f"{file.name} cannot be read completely ({type(error).__name__}); copy it again") from None
        advance(file.stat().st_size)


def _read(
    name: str, lines: BufferedIOBase, skipped: Counter[Skipped], team_key: str | None, leave_out: LeaveOut
) -> Iterator[Request]:
    number = 0
    while line := lines.readline(LONGEST_LINE):
        number += 1
        try:
            found = parse_line(line, team_key)
        except UnusableLineError as error:
            leave_out(unusable_row(f"{name}, line {number}", str(error), line))
            continue
        if found is Skipped.BROKEN and (broken := unusable_row(f"{name}, line {number}", "line", line)).tokens:
            leave_out(broken)
            continue
        if isinstance(found, Request):
            yield found
        else:
            skipped[found] += 1
