"""Opens bill files whatever they are packed in: plain, gzip, zip, bzip2 or xz, recognised by content."""

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from schema.errors import SetUpError

GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"
BZIP2: Final = b"BZh"
XZ: Final = b"\xfd7zXZ\x00"
# Formats that are named in the error instead of being read as text.
UNREADABLE: Final = {
    b"\x28\xb5\x2f\xfd": "is compressed with Zstandard",
    b"7z\xbc\xaf": "is a 7z archive",
    b"Rar!": "is a RAR archive",
    b"\xd0\xcf\x11\xe0": "is an Excel workbook",
    b"%PDF": "is a PDF",
    b"PK\x05\x06": "is an empty zip archive",
}
BROKEN: Final = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
# What zipfile raises for archives it cannot read; NotImplementedError means a compression that it does not know.
UNREADABLE_ZIP: Final = (NotImplementedError, RuntimeError, ValueError, OverflowError, struct.error)
# Archives inside archives, such as the gzip files in a zip of an export.
DEEPEST: Final = 3
BEGINNING: Final = 6
WORKBOOK: Final = "xl/workbook.xml"
NO_BILLS: Final = (".json", ".md", ".txt", ".pdf", ".xml", ".html")


def contents(name: str, raw: Any, depth: int = 0) -> Iterator[tuple[str, io.BufferedReader]]:
    """Yield each file in an open binary file with its name, to be read from its beginning; raises SetUpError."""
    content: io.BufferedReader = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)
    beginning = content.peek(BEGINNING)[:BEGINNING]
    if depth > DEEPEST:
        raise SetUpError(f"{name}: is packed too deeply; unpack it; nothing was sent")
    if beginning.startswith(GZIP):
        with gzip.GzipFile(fileobj=content, mode="rb") as unpacked:
            yield from contents(name, unpacked, depth + 1)
    elif beginning.startswith(BZIP2):
        with bz2.BZ2File(content) as unpacked:
            yield from contents(name, unpacked, depth + 1)
    elif beginning.startswith(XZ):
        with lzma.LZMAFile(content) as unpacked:
            yield from contents(name, unpacked, depth + 1)
    elif beginning.startswith(ZIP):
        yield from _members(name, content, depth)
    else:
        for start, what in UNREADABLE.items():
            if beginning.startswith(start):
                raise SetUpError(f"{name}: {what}; export it as CSV, gzip, zip or Parquet; nothing was sent")
        yield name, content


def _members(name: str, content: io.BufferedReader, depth: int) -> Iterator[tuple[str, io.BufferedReader]]:
    if not content.seekable():
        content = io.BufferedReader(io.BytesIO(content.read()))
    with _readable(name), zipfile.ZipFile(content) as archive:
        members = [each for each in archive.infolist() if _may_be_bill(each)]
        if any(each.filename == WORKBOOK for each in archive.infolist()):
            raise SetUpError(f"{name}: is an Excel workbook; save it as 'CSV UTF-8'; nothing was sent")
        if not members:
            raise SetUpError(f"{name}: the zip archive holds no CSV or Parquet file; nothing was sent")
        for member in sorted(members, key=lambda each: each.filename):
            if member.flag_bits & 1:
                raise SetUpError(f"{name}: the zip archive needs a password; unpack it; nothing was sent")
            with _readable(name):
                opened = archive.open(member)
            with opened:
                yield from contents(f"{name}/{member.filename.rpartition('/')[2]}", opened, depth + 1)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Raise SetUpError for what zipfile raises for damaged archives, and for formats that Python does not have."""
    try:
        yield
    except UNREADABLE_ZIP as error:
        raise SetUpError(
            f"{name}: the zip archive is damaged or uses an unknown format or compression; unpack it; nothing was sent"
        ) from error


def _may_be_bill(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is neither a folder nor a hidden file, nor a manifest beside the data."""
    parts = member.filename.split("/")
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return not (member.is_dir() or hidden or parts[-1].lower().endswith(NO_BILLS))
