"""How a file writes numbers: `1,234.56` or `1.234,56`. Spreadsheets write decimal commas where people do."""

import re
from collections.abc import Iterable
from enum import Enum

_SPACES = re.compile(r"(?<=[0-9])[ \u00a0\u202f'\u2019](?=[0-9]{3})")
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_SIMPLE = re.compile(rf"[+-]?[0-9]*\.?[0-9]*{_EXPONENT}")
# `1.234` and `1,234` may be a fraction or thousands: only the other numbers of the file tell.
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_WITH_COMMA = re.compile(rf"[+-]?(?:[0-9]*|[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}})+),[0-9]*{_EXPONENT}")
_WITH_POINT = re.compile(rf"[+-]?(?:[0-9]*|[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+)\.[0-9]*{_EXPONENT}")
_THOUSANDS_BY_POINT = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_THOUSANDS_BY_COMMA = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}")


class Decimals(Enum):
    """The decimal separator of a file."""

    POINT = "."
    COMMA = ","


def find_decimals(numbers: Iterable[str], delimiter: str) -> Decimals:
    """Return the separator that most numbers show; a comma where only the delimiter gives a hint of it."""
    commas = points = hints = 0
    for number in numbers:
        text = _SPACES.sub("", number)
        if _AMBIGUOUS.fullmatch(text):
            hints += "," in text
        elif _WITH_COMMA.fullmatch(text):
            commas += 1
        elif _WITH_POINT.fullmatch(text):
            points += 1
    if commas or points:
        return Decimals.COMMA if commas > points else Decimals.POINT
    return Decimals.COMMA if hints and delimiter != "," else Decimals.POINT


def plain_number(text: str, decimals: Decimals) -> str:
    """Return a number with a decimal point and no thousands separators; other text unchanged."""
    if decimals is Decimals.POINT and _SIMPLE.fullmatch(text):
        return text
    number = _SPACES.sub("", text)
    if decimals is Decimals.COMMA:
        if _WITH_COMMA.fullmatch(number):
            return number.replace(".", "").replace(",", ".")
        return number.replace(".", "") if _THOUSANDS_BY_POINT.fullmatch(number) else number
    if _WITH_POINT.fullmatch(number) or _THOUSANDS_BY_COMMA.fullmatch(number):
        return number.replace(",", "")
    return number
