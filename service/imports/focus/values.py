"""Values of FOCUS columns, read from text. An invalid value raises an error that names its place."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from service.imports.focus.rows import Row
from vocabulary.charges import LARGEST_COST

# What FOCUS exporters write for a missing value.
NOTHING = {"", "null", "none", "nan", "\\n"}
LARGEST_QUANTITY = Decimal(10**18)
MOMENT = timedelta(microseconds=1)


def cost(row: Row, column: str) -> Decimal | None:
    """Return an amount of money exactly as written; None if the column is empty."""
    return _number(row, column, LARGEST_COST)


def quantity(row: Row, column: str) -> Decimal | None:
    """Return a quantity exactly as written; None if the column is empty."""
    return _number(row, column, LARGEST_QUANTITY)


def required_cost(row: Row, column: str) -> Decimal:
    """Return an amount of money from a required column."""
    amount = cost(row, column)
    if amount is None:
        raise row.place.error(column, "is empty; FOCUS requires a decimal number, such as 0.25")
    return amount


def instant(row: Row, column: str) -> datetime:
    """Return a date and time in UTC; without an offset it is UTC, as FOCUS defines."""
    text = row.text(column).removesuffix(" UTC")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise row.place.error(column, "must be a date and time, such as 2026-11-01T00:00:00Z") from error
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise row.place.error(column, "must be between the years 1 and 9999") from error


def currency(row: Row, column: str) -> str:
    """Return an ISO 4217 currency code."""
    code = row.text(column).upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():  # noqa: PLR2004 - the length of an ISO code
        raise row.place.error(column, "must be an ISO 4217 currency code, such as USD")
    return code


def is_empty(row: Row, column: str) -> bool:
    """Return whether a column has no value."""
    return row.text(column).lower() in NOTHING


def _number(row: Row, column: str, largest: Decimal) -> Decimal | None:
    if is_empty(row, column):
        return None
    try:
        number = Decimal(row.text(column))
    except InvalidOperation as error:
        raise row.place.error(column, "must be a decimal number with a point, such as 1234.56 or 1.2E-7") from error
    if not number.is_finite() or abs(number) > largest:
        raise row.place.error(column, f"must be a number up to {largest}")
    return number
