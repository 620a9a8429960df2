"""FOCUS files as rows of text: CSV, plain or gzip, and Parquet.

Only the columns of COLUMNS are ever read: names of accounts, tags and resources stay in the file.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from schema.errors import SetUpError

REQUIRED = (
    *("BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd"),
    *("ChargeCategory", "ChargePeriodStart", "ChargePeriodEnd", "ServiceName"),
)
# Mandatory in FOCUS too or conditional, or what a provider adds (x_); without them less is known.
OPTIONAL = (
    *("ChargeClass", "ChargeDescription", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost"),
    *("InvoiceIssuerName", "ListCost", "PricingCurrency", "PricingCurrencyEffectiveCost", "PricingQuantity"),
    *("PricingUnit", "ProviderName", "PublisherName", "ServiceProviderName", "SkuId", "SkuMeter"),
    *("x_BilledCostInUsd", "x_SkuDescription", "x_SkuMeterName", "x_UsageType"),
)
COLUMNS = (*REQUIRED, *OPTIONAL)

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
LARGEST_FIELD = 1 << 20
BROKEN = (OSError, EOFError, zlib.error)

Advance = Callable[[int], None]


class Place(NamedTuple):
    """A row of a file; for errors, which name where something is wrong and never what it says."""

    file: str
    line: int

    def error(self, column: str, remedy: str) -> SetUpError:
        """What to raise about a column here."""
        return SetUpError(f"{self.file}, line {self.line}, column {column}: {remedy}; nothing was sent")


class Row(NamedTuple):
    """One charge as text by column, empty where there is none."""

    place: Place
    values: dict[str, str]

    def text(self, column: str) -> str:
        """The text of a column, empty where the file has no such column."""
        return self.values.get(column, "")


def read_rows(path: Path, advance: Advance) -> Iterator[Row]:
    """The rows of a file; `advance` hears of the bytes read. Raises SetUpError naming what cannot be read."""
    try:
        with path.open("rb") as file:
            beginning = file.read(4)
            file.seek(0)
            if beginning == PARQUET:
                from service.imports.focus.parquet import read_parquet  # noqa: PLC0415 - an optional extra

                yield from read_parquet(path, advance)
            else:
                yield from _read_csv(path.name, file, advance, zipped=beginning.startswith(GZIP))
    except BROKEN as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read to its end"
        raise SetUpError(f"{path.name}: {reason}; nothing was sent") from error


def places_of(file: str, header: Sequence[str]) -> dict[str, int]:
    """Where each known column is, whatever its letter case; raises SetUpError when one is missing or doubled."""
    found: dict[str, int] = {}
    known = {_plain(column): column for column in COLUMNS}
    for place, name in enumerate(header):
        column = known.get(_plain(name.lstrip("\ufeff")))
        if column in found:
            raise SetUpError(f"{file}, line 1, column {column}: is there twice; keep one; nothing was sent")
        if column:
            found[column] = place
    if missing := [column for column in REQUIRED if column not in found]:
        raise SetUpError(
            f"{file}, line 1, column {missing[0]}: is missing; export the bill as FOCUS 1.0, 1.1 or 1.2 with all of"
            f" {', '.join(REQUIRED)}; nothing was sent"
        )
    return found


def _plain(name: str) -> str:
    """Some query engines write billed_cost or billedcost for BilledCost."""
    cleaned = name.strip().lower()
    prefix = "x_" if cleaned.startswith("x_") else ""
    return prefix + cleaned.removeprefix("x_").replace("_", "")


def _read_csv(file: str, raw: IO[bytes], advance: Advance, *, zipped: bool) -> Iterator[Row]:
    plain = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if zipped else raw
    lines = csv.reader(io.TextIOWrapper(plain, encoding="utf-8-sig", newline=""), strict=True)
    csv.field_size_limit(LARGEST_FIELD)
    reported = 0
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
            if (read := raw.tell()) > reported:
                advance(read - reported)
                reported = read
    except csv.Error as error:
        raise SetUpError(
            f"{file}, line {lines.line_num}: is no CSV (a quote that does not close, or a field without end); "
            "export it anew; nothing was sent"
        ) from error
    except UnicodeDecodeError as error:
        raise SetUpError(
            f"{file}, after line {lines.line_num}: is not UTF-8 text; export it anew; nothing was sent"
        ) from error


def _last_of(places: dict[str, int]) -> str:
    return max(places, key=places.__getitem__)
