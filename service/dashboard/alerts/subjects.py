"""What an alert is about: the view of spend that it links to, and the days that its chart shows. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from service.dashboard.view.view import FILTERS, View, read_view
from service.queries.spend.runs import Span

BEFORE: Final = timedelta(weeks=4)
AFTER: Final = timedelta(weeks=1)
LONGEST: Final = timedelta(days=91)
PARAMETERS: Final = ("period", *FILTERS)


def days_of(alert: Mapping[str, Any], today: date) -> Span:
    """Return the days of the chart: four weeks before it began, or the period of a budget, until a week after."""
    last = min((alert["seen_on"] or alert["found_on"]) + AFTER, today)
    if alert["kind"] == "budget":
        return Span(max(alert["began_on"], last - LONGEST), last)
    return Span(max(alert["began_on"] - BEFORE, last - LONGEST), last)


def view_of(alert: Mapping[str, Any], today: date) -> View:
    """Return the view of spend that shows an alert, whose days never end in the future."""
    span = days_of(alert, today)
    asked = [(name, value) for name, value in parse_qsl(urlsplit(alert["link"] or "").query) if name in FILTERS]
    return read_view("/spend", [*asked, ("period", f"{span.first}..{span.last}")], PARAMETERS, today)


def has_series(alert: Mapping[str, Any]) -> bool:
    """Return whether the days of an alert are summed and shown; those of regions are not summed."""
    return not alert["withheld_reason"] and not str(alert["subject"]).startswith("region ")
