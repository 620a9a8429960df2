"""The bar above a page: period, comparison, filters, export. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.dashboard.view.periods import quarter_before, range_text, running_month
from service.dashboard.view.view import DEFAULTS, FILTERS, View

# Of more teams, the menu has a field to type into.
MOST_LINKS = 15
MOST_SUGGESTED = 200
PRICES = {"list": "List price", "effective": "Effective price", "billed": "As billed"}


class Choice(NamedTuple):
    """A link of a menu."""

    text: str
    address: str
    is_current: bool


class Hidden(NamedTuple):
    """A parameter that a form keeps."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ViewBar:
    """The menus; a page that takes no period or team has none for it."""

    path: str
    period: str
    length: str
    first: str
    last: str
    today: str
    periods: list[Choice]
    comparisons: list[Choice]
    scope: str
    teams: list[Choice]
    suggested: list[str]
    cleared: list[Choice]
    prices: list[Choice]
    csv: str
    json: str
    api: str
    kept: list[Hidden]


def build_view_bar(view: View, teams: Sequence[str], api: str) -> ViewBar:
    """Build the bar; `api` is the request of the REST API that gives the same figures."""
    has = set(view.allowed)
    return ViewBar(
        path=view.path,
        period=view.period.shown if "period" in has else "",
        length=view.period.length,
        first=str(view.period.span.first),
        last=str(view.period.span.last),
        today=str(view.today),
        periods=_periods(view) if "period" in has else [],
        comparisons=_comparisons(view) if "compare" in has else [],
        scope=", ".join(view.filters.values()) or "All teams",
        teams=_teams(view, teams) if "team" in has else [],
        suggested=list(teams[:MOST_SUGGESTED]) if "team" in has and len(teams) > MOST_LINKS else [],
        cleared=[
            Choice(f"{name}: {value}", view.at(**{name: ""}), is_current=True)
            for name, value in view.filters.items()
            if name != "team"
        ],
        prices=_prices(view) if "price" in has else [],
        csv=view.export("csv"),
        json=view.export("json"),
        api=api,
        kept=hidden(view),
    )


def hidden(view: View) -> list[Hidden]:
    """Return what a form keeps; what it finds begins on the first page."""
    return [Hidden(name, view.values[name]) for name in DEFAULTS if name in view.values and name != "page"]


def scope_text(view: View) -> str:
    """Return the filters within a sentence: ` of checkout`; empty for the whole organization."""
    return "".join(
        f" of {'' if name == 'team' else f'{name} '}{view.filters[name]}" for name in FILTERS if name in view.filters
    )


def _periods(view: View) -> list[Choice]:
    choices = {
        "4w": "Last 4 weeks",
        "12w": "Last 12 weeks",
        range_text(running_month(view.today)): "This month, so far",
        "quarter": "This quarter, so far",
        range_text(quarter_before(view.today)): "Last quarter",
    }
    return [Choice(text, view.at(period=value), value == view.value("period")) for value, text in choices.items()]


def _comparisons(view: View) -> list[Choice]:
    choices = {"before": "The period before", "year": "The same days last year", "none": "Nothing"}
    return [Choice(text, view.at(compare=value), value == view.value("compare")) for value, text in choices.items()]


def _teams(view: View, teams: Sequence[str]) -> list[Choice]:
    if view.own_team:
        return [Choice(view.own_team, view.address, is_current=True)]
    shown = teams if len(teams) <= MOST_LINKS else [view.team] if view.team else []
    every = Choice("All teams", view.at(team=""), not view.team)
    return [every, *(Choice(team, view.at(team=team), team == view.team) for team in shown)]


def _prices(view: View) -> list[Choice]:
    return [Choice(text, view.at(price=value), value == view.price) for value, text in PRICES.items()]
