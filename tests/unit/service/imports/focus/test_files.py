import bz2
import csv
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest

from schema.errors import SetUpError
from service.contracts.billing import BillIn
from service.imports.focus.bills import Bills
from service.imports.focus.files import read_rows

MIXED = Path(__file__).resolve().parents[4] / "payloads" / "focus" / "mixed__1_0.csv"
TEXT = MIXED.read_text()


def bills(path: Path) -> list[BillIn]:
    found = Bills({})
    found.add(read_rows(path, lambda _: None))
    return list(found)


def written(folder: Path, content: bytes) -> list[BillIn]:
    path = folder / "bill"
    path.write_bytes(content)
    return bills(path)


def refusal(folder: Path, content: bytes) -> str:
    with pytest.raises(SetUpError) as raised:
        written(folder, content)
    assert "CANARY" not in raised.value.detail
    return raised.value.detail


def zipped(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def rewritten(delimiter: str, *, comma: bool = False) -> str:
    """The recorded bill as a spreadsheet saves it."""
    out = io.StringIO()
    rows = list(csv.reader(TEXT.splitlines()))
    numbers = {rows[0].index(name) for name in rows[0] if name.endswith(("Cost", "Quantity"))}
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(rows[0])
    for row in rows[1:]:
        writer.writerow(
            field.replace(".", ",") if comma and place in numbers else field for place, field in enumerate(row)
        )
    return out.getvalue()


EXPECTED = bills(MIXED)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(TEXT.encode()),
        bz2.compress(TEXT.encode()),
        lzma.compress(TEXT.encode()),
        zipped(("part_0_0001.csv", TEXT.encode())),
        zipped(("manifest.json", b"{}"), ("__MACOSX/._a.csv", b"x"), ("a/b/part.csv.gz", gzip.compress(TEXT.encode()))),
        zipped(("all.zip", zipped(("bill.csv", TEXT.encode())))),
        gzip.compress(zipped(("bill.csv", TEXT.encode()))),
    ],
    ids=["gzip", "bzip2", "xz", "zip", "zip of more", "zip in zip", "zip in gzip"],
)
def test_a_packed_bill_is_the_same_bill(content: bytes, tmp_path: Path) -> None:
    assert written(tmp_path, content) == EXPECTED


def test_all_parts_of_a_zip_are_one_bill(tmp_path: Path) -> None:
    header, *rows = TEXT.splitlines(True)
    parts = zipped(("1.csv", (header + rows[0]).encode()), ("2.csv", "".join([header, *rows[1:]]).encode()))
    assert written(tmp_path, parts) == EXPECTED


def test_parquet_in_a_zip_is_read(tmp_path: Path) -> None:
    arrow_csv = pytest.importorskip("pyarrow.csv")
    parquet = pytest.importorskip("pyarrow.parquet")
    packed = io.BytesIO()
    options = arrow_csv.ConvertOptions(strings_can_be_null=True, column_types=dict.fromkeys(["BilledCost"], "string"))
    parquet.write_table(arrow_csv.read_csv(MIXED, convert_options=options), packed)
    assert written(tmp_path, zipped(("bill.parquet", packed.getvalue()))) == EXPECTED


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(zipped(("xl/workbook.xml", b""), ("xl/sheet.csv", b"")), "is an Excel workbook", id="xlsx"),
        pytest.param(zipped(("a.json", b"{}")), "the zip archive holds no CSV or Parquet file", id="zip without"),
        pytest.param(zipped(("bill.csv", TEXT.encode()))[:200], "cannot be read completely", id="half a zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Excel workbook"),
        (b"\x28\xb5\x2f\xfd....", "is compressed with Zstandard"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z archive"),
        pytest.param(
            gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"a")))), "is packed too deeply", id="too deep"
        ),
        (TEXT.encode("utf-8").replace(b"CANARY", b"CAN\xc4RY"), "the text is neither UTF-8 nor UTF-16"),
    ],
)
def test_what_cannot_be_read_is_named_with_a_remedy(content: bytes, says: str, tmp_path: Path) -> None:
    detail = refusal(tmp_path, content)
    assert detail.startswith("bill")
    assert says in detail
    assert "nothing was sent" in detail


@pytest.mark.parametrize(("place", "value"), [(6, 0x47), (10, 0x63)], ids=["of a later version", "packed otherwise"])
def test_a_zip_that_python_cannot_open_asks_to_be_unpacked(place: int, value: int, tmp_path: Path) -> None:
    archive = bytearray(zipped(("bill.csv", TEXT.encode())))
    archive[archive.index(b"PK\1\2") + place] = value
    assert "unpack it; nothing was sent" in refusal(tmp_path, bytes(archive))


@pytest.mark.parametrize("lost", [1, 30, 300, 700])
def test_a_zip_that_lost_its_middle_is_named(lost: int, tmp_path: Path) -> None:
    archive = zipped(("bill.csv", TEXT.encode()))
    assert "nothing was sent" in refusal(tmp_path, archive[:60] + archive[60 + lost :])
    assert "nothing was sent" in refusal(tmp_path, gzip.compress(archive[: 60 + lost]))


def test_an_encrypted_zip_asks_to_be_unpacked(tmp_path: Path) -> None:
    content = bytearray(zipped(("bill.csv", TEXT.encode())))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    assert "needs a password" in refusal(tmp_path, bytes(content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_encoding_is_the_same_bill(encoding: str, tmp_path: Path) -> None:
    assert written(tmp_path, TEXT.encode(encoding)) == EXPECTED


def test_byte_order_marks_and_headers_may_be_repeated(tmp_path: Path) -> None:
    header, *rows = TEXT.splitlines(True)
    text = "\ufeff\ufeff" + header + "\ufeff" + rows[0] + "\ufeff" + header + "".join(rows[1:])
    assert written(tmp_path, text.encode()) == EXPECTED


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    assert written(tmp_path, rewritten(delimiter).encode()) == EXPECTED
    assert written(tmp_path, rewritten(delimiter, comma=True).encode()) == EXPECTED


def test_a_spreadsheet_may_name_its_delimiter(tmp_path: Path) -> None:
    assert written(tmp_path, ("sep=;\r\n" + rewritten(";", comma=True)).encode("utf-16")) == EXPECTED


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert written(tmp_path, ("\n\n" + TEXT + "\n,,,,\n").encode()) == EXPECTED


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    for name, content in (("a.csv", TEXT.encode()), ("b.gz", gzip.compress(TEXT.encode()))):
        (tmp_path / name).write_bytes(content)
        steps: list[int] = []
        list(read_rows(tmp_path / name, steps.append))
        assert sum(steps) == len(content)


def test_focus_1_4_column_names_identify_the_seller(tmp_path: Path) -> None:
    text = TEXT.replace("ProviderName", "ServiceProviderName").replace("PublisherName", "HostProviderName")
    text = text.replace("Tags", "AllocatedTags", 1).replace("SubAccountName", "AllocatedMethodId", 1)
    assert written(tmp_path, text.encode()) == EXPECTED
