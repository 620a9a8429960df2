"""The answers of many transcripts, each message once: contents in temporary files, and one fixed row each in memory.

A row takes about 250 bytes with its key. So sums need no content, and millions of answers fit.
"""

import os
import struct
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, NamedTuple

import msgspec

from service.imports.transcripts.claude_code import Answer
from vocabulary.tokens import TokenCounts

KEY = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FOLDER_MASK = (1 << 48) - 1

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Answer).decode


class Row(NamedTuple):
    """What is known of an answer without its content. `at` is in microseconds, `file` and `part` are numbers.

    `offset` and `length` say where the content of the part is.
    """

    total: int
    input_uncached: int
    cache_read: int
    cache_write: int
    output_visible: int
    at: int
    events: int
    folder: int
    file: int
    part: int
    offset: int
    length: int


_ROW = struct.Struct(f"<{KEY}s{len(Row._fields)}q")
_VALUES = struct.Struct(f"<{len(Row._fields)}q")


class Part:
    """Answers in the order in which one process reads them, in two temporary files: rows and contents."""

    def __init__(self, number: int, *, keeps_contents: bool = True) -> None:
        self.number = number
        self._keeps_contents = keeps_contents
        self._rows: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the index
        self._contents: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the index
        self._written = 0
        self.folders: dict[int, str] = {}

    def add(self, file: int, answers: Collection[Answer]) -> None:
        """Write the answers of a file."""
        rows, contents, pack, written = [], [], _ROW.pack, self._written
        for answer in answers:
            fresh, read, write, output, _ = answer.tokens
            for part in answer.further:
                fresh, read, write, output, _ = part.tokens.plus(TokenCounts(fresh, read, write, output))
            content = _encode(answer) if self._keeps_contents else b""
            row = pack(
                answer.message[:KEY],
                fresh + read + write + output,
                fresh,
                read,
                write,
                output,
                (answer.occurred_at - _EPOCH) // _MICROSECOND,
                1 + len(answer.further),
                self._folder(answer.folder),
                file,
                self.number,
                written,
                len(content),
            )
            rows.append(row)
            contents.append(content)
            written += len(content)
        self._written = written
        self._rows.write(b"".join(rows))
        self._contents.write(b"".join(contents))

    def flush(self) -> None:
        """Write everything to the files."""
        self._rows.flush()
        self._contents.flush()

    def rows(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield key and packed row of each answer."""
        self._rows.seek(0)
        while block := self._rows.read(_ROW.size * 4_096):
            for start in range(0, len(block), _ROW.size):
                yield block[start : start + KEY], block[start + KEY : start + _ROW.size]

    def content(self, offset: int, length: int) -> Answer:
        """Read one answer."""
        return _decode(os.pread(self._contents.fileno(), length, offset))

    def close(self) -> None:
        """Delete the files."""
        self._rows.close()
        self._contents.close()

    def _folder(self, folder: str | None) -> int:
        number = hash(folder) & _FOLDER_MASK if folder else 0
        if folder and number not in self.folders:
            self.folders[number] = folder
        return number


class AnswerIndex:
    """Each message once: the repetition with the most tokens, of equal ones that of the first file."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self._rows = bytearray()
        self._parts: dict[int, Part] = {}
        self.folders: dict[int, str] = {}

    def add(self, part: Part) -> None:
        """Take the answers of a part."""
        self._parts[part.number] = part
        self.folders.update(part.folders)
        places, rows, size = self._places, self._rows, _VALUES.size
        for key, packed in part.rows():
            place = places.get(key)
            if place is None:
                places[key] = len(rows)
                rows += packed
            elif self._is_better(packed, place):
                rows[place : place + size] = packed

    def _is_better(self, packed: bytes, place: int) -> bool:
        new, known = Row._make(_VALUES.unpack(packed)), Row._make(_VALUES.unpack_from(self._rows, place))
        return (new.total, -new.file) > (known.total, -known.file)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, message: bytes) -> bool:
        return message[:KEY] in self._places

    def rows(self, before: datetime | None = None) -> list[Row]:
        """Return all rows, or those of answers before an instant, in the order of files."""
        rows = map(Row._make, _VALUES.iter_unpack(self._rows))
        end = _microseconds(before)
        return sorted((row for row in rows if row.at < end), key=lambda row: (row.file, row.offset))

    def rows_of(self, messages: Iterable[bytes], before: datetime | None = None) -> list[Row]:
        """Return the rows of some messages."""
        places = [place for message in messages if (place := self._places.get(message[:KEY])) is not None]
        rows = [Row._make(_VALUES.unpack_from(self._rows, place)) for place in places]
        return [row for row in rows if row.at < _microseconds(before)]

    def sums(self, before: datetime | None = None) -> tuple[int, TokenCounts, Counter[int]]:
        """Return how many events the answers are, their tokens, and how many events each folder has."""
        sums, folders, end = [0] * 5, Counter[int](), _microseconds(before)
        for _, fresh, read, written, output, at, events, folder, *_ in _VALUES.iter_unpack(self._rows):
            if at < end:
                sums = [sums[0] + events, sums[1] + fresh, sums[2] + read, sums[3] + written, sums[4] + output]
                folders[folder] += events
        return sums[0], TokenCounts(*sums[1:]), folders

    def answer(self, row: Row) -> Answer:
        """Read the content of a row."""
        return self._parts[row.part].content(row.offset, row.length)

    def close(self) -> None:
        """Delete the temporary files."""
        for part in self._parts.values():
            part.close()


def _microseconds(instant: datetime | None) -> int:
    return (instant - _EPOCH) // _MICROSECOND if instant else 2**62
