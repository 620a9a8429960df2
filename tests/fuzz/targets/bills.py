"""Bills: FOCUS files of every container and separator, and the rows in them."""

import bz2
import contextlib
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator
from decimal import Decimal

from schema.errors import SetUpError
from service.imports.focus.bills import Bills
from service.imports.focus.containers import BROKEN, contents
from service.imports.focus.csv_rows import read_csv
from tests.fuzz.inputs import Choices
from tests.fuzz.target import Target
from tests.harness.webhooks import PAYLOADS

FILES = [path.read_bytes() for path in sorted((PAYLOADS / "focus").glob("*.csv"))]
ROWS = [content.decode("utf-8-sig").splitlines() for content in FILES]
CELLS = (
    *(
        "",
        "0",
        "-1",
        "1e3",
        "1.000,00",
        "1,000.00",
        "NaN",
        "Infinity",
        "9" * 80,
        "0." + "1" * 80,
        "USD",
        "EUR",
        "Usage",
    ),
    *(
        "2026-01-01",
        "0001-01-01",
        "9999-12-31T23:59:59Z",
        "CANARY",
        '"',
        '""',
        "\0",
        "é",
        "Tax",
        "Correction",
        "1K tokens",
    ),
)


def _read(content: io.BufferedReader) -> None:
    bills = Bills({"EUR": Decimal("1.1")})
    with contextlib.suppress(SetUpError):
        bills.add(read_csv("bill.csv", content, lambda: None))
        assert len(list(bills)) == len(bills)
    bills.unconverted()
    bills.billed_text()


def _csv(data: bytes) -> None:
    _read(io.BufferedReader(io.BytesIO(data)))


def _cells(data: bytes) -> None:
    """A recorded file in which some cells are others."""
    choices = Choices(data)
    header, *rows = choices.one(ROWS)
    kept = [row.split(",") for row in rows[:6]]
    for _ in range(1 + choices.number(6)):
        row = choices.one(kept)
        row[choices.number(len(row))] = choices.one(CELLS)
    text = "\n".join([header, *(",".join(row) for row in kept)])
    _read(io.BufferedReader(io.BytesIO(text.encode())))


def _containers(data: bytes) -> None:
    with contextlib.suppress(SetUpError, *BROKEN):
        for _, content in contents("bill", io.BufferedReader(io.BytesIO(data))):
            content.read(64 * 1024)


def _csv_seeds() -> Iterator[bytes]:
    for content in FILES:
        yield content[:3000]
        yield b"sep=;\n" + content[:3000].replace(b",", b";")
        yield content[:3000].decode("utf-8-sig").encode("utf-16")


def _container_seeds() -> Iterator[bytes]:
    small = FILES[0][:600]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bill.csv", small)
    for packed in (gzip.compress(small, mtime=0), bz2.compress(small), lzma.compress(small), zipped.getvalue(), small):
        yield packed
        yield gzip.compress(packed, mtime=0)


def _no_seeds() -> Iterator[bytes]:
    yield from (b"", bytes(range(64)), b"\xff" * 40)


TARGETS = (
    Target("bill_csv", _csv, _csv_seeds),
    Target("bill_cells", _cells, _no_seeds, 128),
    Target("bill_containers", _containers, _container_seeds),
)
