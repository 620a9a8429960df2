from decimal import Decimal

import pytest

from service.imports.focus.decimals import Decimals, find_decimals, plain_number

POINT, COMMA = Decimals.POINT, Decimals.COMMA


@pytest.mark.parametrize(
    ("numbers", "delimiter", "expected"),
    [
        (["1.25", "5"], ",", POINT),
        (["1,25", "5"], ";", COMMA),
        (["1,25", "5"], ",", COMMA),
        (["1.234,56"], ";", COMMA),
        (["1,234.56"], ";", POINT),
        (["1.234", "0,5"], ";", COMMA),
        (["1,234", "0.5"], ";", POINT),
        (["1,234", "2"], ";", COMMA),
        (["1,234", "2"], ",", POINT),
        (["1.234"], ";", POINT),
        (["1,5", "0.25", "0.75"], ",", POINT),
        (["1,2E-7"], ";", COMMA),
        ([], ";", POINT),
    ],
)
def test_the_numbers_of_a_file_show_its_separator(numbers: list[str], delimiter: str, expected: Decimals) -> None:
    assert find_decimals(numbers, delimiter) is expected


@pytest.mark.parametrize(
    ("text", "decimals", "number"),
    [
        ("1,25", COMMA, "1.25"),
        ("-1.234.567,89", COMMA, "-1234567.89"),
        ("1.234", COMMA, "1234"),
        ("0.25", COMMA, "0.25"),
        ("12 345,6", COMMA, "12345.6"),
        ("12\u202f345,6", COMMA, "12345.6"),
        ("1,2E-7", COMMA, "1.2E-7"),
        (",5", COMMA, ".5"),
        ("1.25", POINT, "1.25"),
        ("1,234,567.5", POINT, "1234567.5"),
        ("1'234'567.5", POINT, "1234567.5"),
        ("1,234,567", POINT, "1234567"),
        ("1.2E-7", POINT, "1.2E-7"),
    ],
)
def test_a_number_becomes_one_with_a_point(text: str, decimals: Decimals, number: str) -> None:
    assert plain_number(text, decimals) == number
    Decimal(plain_number(text, decimals))


@pytest.mark.parametrize(("text", "decimals"), [("1,5", POINT), ("1,234", POINT), ("CANARY", COMMA), ("1,2,3", COMMA)])
def test_what_is_no_number_of_the_file_stays_as_it_is(text: str, decimals: Decimals) -> None:
    assert plain_number(text, decimals) == text
