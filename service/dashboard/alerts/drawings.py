"""The chart of an alert: its series day by day, what is usual, and the day on which it began. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from typing import Any, Final

from service.dashboard.alerts.facts import Series
from service.dashboard.charts.axis import Unit, value_text
from service.dashboard.charts.bars import bar_chart
from service.dashboard.charts.curves import Point, SlotLook, curve_chart
from service.dashboard.charts.parts import STRETCHED, Chart, Event, Key, Table, TableRow
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.units import NOTHING
from service.queries.spend.reading import Amounts

HEIGHT: Final = 190
ROOM: Final = 1.15


def _reasoning(each: Amounts, _linked: int) -> float | None:
    output = each.tokens.output_visible + each.tokens.output_reasoning
    return each.tokens.output_reasoning / output if output else None


def _cached(each: Amounts, _linked: int) -> float | None:
    tokens = each.tokens
    read = tokens.input_uncached + tokens.cache_read + tokens.cache_write
    return tokens.cache_read / read if read else None


def _linked_share(each: Amounts, linked: int) -> float | None:
    return linked / each.tokens.total if each.tokens.total else None


def _input(each: Amounts, _linked: int) -> float | None:
    tokens = each.tokens
    return (tokens.input_uncached + tokens.cache_read + tokens.cache_write) / each.requests if each.requests else None


# The ratio that an alert of this kind is about, its name and unit.
RATIOS: Final[Mapping[str, tuple[str, Unit, Callable[[Amounts, int], float | None]]]] = {
    "reasoning_share": ("share of output tokens that is reasoning", "share", _reasoning),
    "cache_share": ("share of input tokens that is read from a cache", "share", _cached),
    "linked_share": ("share of tokens that is linked directly", "share", _linked_share),
    "input_growth": ("input tokens of a request", "tokens", _input),
}


def alert_chart(alert: Mapping[str, Any], series: Series) -> Chart:
    """Return the chart that shows why an alert was raised."""
    name = alert["subject"]
    if alert["kind"] in RATIOS:
        return _ratio_chart(name, alert, series)
    if alert["kind"] == "budget":
        return _budget_chart(name, alert, series)
    return _spend_chart(name, alert, series)


def _looks(series: Series) -> list[SlotLook]:
    return [SlotLook(day_text(series.span.first + timedelta(days=place))) for place in range(len(series.amounts))]


def _began(alert: Mapping[str, Any], series: Series) -> list[Event]:
    place = (alert["began_on"] - series.span.first).days / len(series.amounts)
    return [Event(place, f"began {day_text(alert['began_on'])}")] if 0 <= place <= 1 else []


def _table(series: Series, head: str, values: list[float | None], unit: Unit) -> Table:
    rows = [
        TableRow(look.label, (NOTHING if value is None else value_text(value, unit),))
        for look, value in zip(_looks(series), values, strict=True)
    ]
    return Table(("Day", head), rows[::-1])


def _ratio_chart(name: str, alert: Mapping[str, Any], series: Series) -> Chart:
    what, unit, ratio = RATIOS[alert["kind"]]
    linked = series.linked or [0] * len(series.amounts)
    values = [ratio(each, tokens) for each, tokens in zip(series.amounts, linked, strict=True)]
    usual = [alert["before"]] * len(values) if alert["before"] is not None else []
    legend = [Key("s-merged", what), *([Key("s-ghost", "usual")] if usual else [])]
    return curve_chart(
        f"{what[:1].upper()}{what[1:]}: {name}",
        what,
        unit,
        _looks(series),
        [Point(value) for value in values],
        _table(series, what[:1].upper() + what[1:], values, unit),
        before=usual,
        events=_began(alert, series),
        legend=legend,
        height=HEIGHT,
    )


def _spend_chart(name: str, alert: Mapping[str, Any], series: Series) -> Chart:
    is_silence = alert["kind"] == "silence"
    unit: Unit = "tokens" if is_silence else "usd"
    values: list[float | None] = [each.tokens.total if is_silence else each.nano_usd for each in series.amounts]
    chart = bar_chart(
        f"{'Tokens' if is_silence else 'Spend'} by day: {name}",
        "tokens a day" if is_silence else "$ a day, list price",
        unit,
        _looks(series),
        {"up": [value or 0 for value in values]},
        _table(series, "Tokens" if is_silence else "Spend", values, unit),
        events=_began(alert, series),
        legend=[Key("up", "tokens" if is_silence else "spent")],
        height=HEIGHT,
    )
    days = (alert["found_on"] - alert["began_on"]).days + 1
    if alert["kind"] != "rise" or not alert["usual_nano_usd"] or days < 1:
        return chart
    y = chart.axis.y(alert["usual_nano_usd"] / days)
    return replace(
        chart,
        paths=[*chart.paths, ("ln s-line", f"M0 {y}L{STRETCHED} {y}")],
        legend=[*chart.legend, Key("s-line", f"usual, {value_text(alert['usual_nano_usd'] / days, 'usd')} a day")],
    )


def _budget_chart(name: str, alert: Mapping[str, Any], series: Series) -> Chart:
    values: list[float | None] = [*accumulate(each.nano_usd for each in series.amounts)]
    limit = alert["usual_nano_usd"]
    chart = curve_chart(
        f"Spend since {day_text(series.span.first)}: {name}",
        f"$ since {day_text(series.span.first)}, list price",
        "usd",
        _looks(series),
        [Point(value) for value in values],
        _table(series, "Spent so far", values, "usd"),
        before=[limit] * len(values),
        legend=[Key("s-merged", "spent so far"), Key("s-budget", f"budget, {value_text(limit, 'usd')}")],
        height=HEIGHT,
    )
    return replace(chart, paths=[("ln s-budget" if kind == "ln s-ghost" else kind, path) for kind, path in chart.paths])
