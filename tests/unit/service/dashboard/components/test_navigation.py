"""Links lead to pages that are there, and keep the view."""

from datetime import date

from service.dashboard.components.navigation import PAGES, build_navigation, is_there
from service.dashboard.components.view_bar import build_view_bar
from service.dashboard.view.view import read_view

TODAY = date(2026, 12, 2)
PARAMETERS = ("period", "compare", "team", "model", "price")


def test_each_address_is_named_once() -> None:
    addresses = [entry.address for group in PAGES.values() for entry in group]
    assert len(addresses) == len(set(addresses))


def test_what_is_not_there_is_not_linked_to() -> None:
    shown = {link.address for _, links in build_navigation("/", None, {}) for link in links}
    assert shown == {entry.address for group in PAGES.values() for entry in group if entry.is_there}
    assert is_there("/")
    assert is_there("/github")
    assert not is_there("/nowhere")


def test_links_keep_period_and_team_and_the_present_page_is_marked() -> None:
    view = read_view("/", [("period", "4w"), ("team", "web")], PARAMETERS, TODAY)
    links = {link.title: link for _, links in build_navigation("/", view, {}) for link in links}
    assert links["Overview"].address == "/?period=4w&team=web"
    assert links["Overview"].is_current
    assert links["Set-up"].address == "/setup"
    assert not links["Set-up"].is_current


def test_few_teams_are_links_and_many_a_field() -> None:
    view = read_view("/", [("team", "team 7")], PARAMETERS, TODAY)
    few = build_view_bar(view, ["team 7", "web"], "")
    assert [choice.text for choice in few.teams] == ["All teams", "team 7", "web"]
    assert few.suggested == []
    many = build_view_bar(view, [f"team {number}" for number in range(1_000)], "")
    assert [choice.text for choice in many.teams] == ["All teams", "team 7"]
    assert len(many.suggested) == 200


def test_the_bar_marks_what_is_chosen_and_keeps_the_rest() -> None:
    view = read_view("/spend", [("period", "4w"), ("model", "opus")], PARAMETERS, TODAY)
    bar = build_view_bar(view, [], "")
    assert [choice.text for choice in bar.periods if choice.is_current] == ["Last 4 weeks"]
    assert bar.comparisons[1].address == "/spend?period=4w&compare=year&model=opus"
    assert bar.cleared[0].address == "/spend?period=4w"
    assert bar.scope == "opus"
    assert bar.csv == "/spend.csv?period=4w&model=opus"
