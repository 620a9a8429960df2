"""Finds whole records in a damaged line: behind a stub or NUL bytes, or several on one line.

Two processes that append to one transcript, and machines that lose power, leave such lines.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

# Where a record may begin. Objects within a record may look the same; they have none of the names of `_OF_RECORDS`.
_BEGIN = re.compile(r'\{\s*"')
_OF_RECORDS = ("sessionId", "timestamp", "uuid")
# A line with more beginnings than this is given up, as each may take as long as the line.
_MAXIMUM_TRIES = 20_000
_BLANK = b"\0 \t\r\n\xef\xbb\xbf"

_decoder = json.JSONDecoder(strict=False)


class Piece(NamedTuple):
    """Part of a line, and the byte at which it begins: a whole record, or the rest of one."""

    raw: bytes
    begins: int
    is_whole: bool


def split_records(line: bytes) -> Iterator[Piece]:
    """Yield the whole records of a line and what is left between them, in order, without blanks."""
    # Latin-1 keeps the places of bytes; every name and sign of JSON is the same in it.
    text = line.decode("latin-1")
    place = tries = 0
    for match in _BEGIN.finditer(text):
        if match.start() < place:
            continue
        tries += 1
        if tries > _MAXIMUM_TRIES:
            break
        end = _end_of_record(text, match.start())
        if end is not None:
            yield from _rest(line, place, match.start())
            yield Piece(line[match.start() : end], match.start(), is_whole=True)
            place = end
    yield from _rest(line, place, len(line))


def _end_of_record(text: str, start: int) -> int | None:
    try:
        record, end = _decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return end if any(name in record for name in _OF_RECORDS) else None


def _rest(line: bytes, begins: int, ends: int) -> Iterator[Piece]:
    if line[begins:ends].strip(_BLANK):
        yield Piece(line[begins:ends], begins, is_whole=False)
