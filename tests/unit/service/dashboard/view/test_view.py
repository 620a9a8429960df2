"""An address holds a whole view, and nothing else."""

from datetime import date
from urllib.parse import parse_qsl

import pytest

from schema.errors import BadInputError
from service.dashboard.view.view import DEFAULTS, View, read_view

TODAY = date(2026, 12, 2)
ALL = tuple(DEFAULTS)


def view(path: str = "/spend", **query: str) -> View:
    return read_view(path, query.items(), ALL, TODAY)


def test_defaults_are_left_out_and_the_order_is_fixed() -> None:
    shown = view(unit="usd", team="web", period="12w", compare="year")
    assert shown.address == "/spend?compare=year&team=web"
    assert view().address == "/spend"


def test_an_address_read_again_is_the_same_view() -> None:
    shown = view(team="A & B", model="gpt-5", period="2026-09-07..2026-11-29", q="50 %")
    path, _, query = shown.address.partition("?")
    again = read_view(path, parse_qsl(query), ALL, TODAY)
    assert again == shown
    assert "period=2026-09-07..2026-11-29" in query


def test_other_views_keep_the_rest() -> None:
    shown = view(team="web", period="4w", unit="tokens")
    assert shown.at(team="") == "/spend?period=4w&unit=tokens"
    assert shown.at(period="12w") == "/spend?team=web&unit=tokens"
    assert shown.carry("/pull-requests") == "/pull-requests?period=4w&team=web"
    assert shown.export("csv") == "/spend.csv?period=4w&team=web&unit=tokens"
    assert view("/").export("json") == "/overview.json"


def test_filters_are_known_by_name() -> None:
    assert view(team="web", region="eu").filters == {"team": "web", "region": "eu"}


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ([("perod", "4w")], "perod", "is not a parameter of this page; use period, compare"),
        ([("sort", "cost")], "sort", "does not apply to this page; use period, compare"),
        ([("compare", "last")], "compare", "must be one of before, year, none"),
        ([("period", "4w"), ("period", "12w")], "period", "only once"),
        ([("period", "")], "period", "must have a value"),
        ([("period", "x" * 301)], "period", "must have a value"),
    ],
)
def test_what_the_page_does_not_take_is_refused(query: list[tuple[str, str]], field: str, says: str) -> None:
    with pytest.raises(BadInputError, match=says) as refused:
        read_view("/", query, ("period", "compare"), TODAY)
    assert refused.value.field == field


def test_a_page_names_its_own_choices() -> None:
    assert read_view("/", [("sort", "cost")], ("sort",), TODAY, {"sort": ("cost", "merged")}).value("sort") == "cost"
    with pytest.raises(BadInputError, match="must be one of cost, merged"):
        read_view("/", [("sort", "name")], ("sort",), TODAY, {"sort": ("cost", "merged")})


def test_a_page_without_parameters_says_so() -> None:
    with pytest.raises(BadInputError, match="takes none"):
        read_view("/setup", [("team", "web")], (), TODAY)
