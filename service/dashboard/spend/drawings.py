"""The charts of spend: why it changed, step by step, and where the quarter ends. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from service.dashboard.charts.axis import axis_to
from service.dashboard.charts.curves import Point, SlotLook, curve_chart
from service.dashboard.charts.parts import (
    BOTTOM,
    HEIGHT,
    STRETCHED,
    TOP_WITH_MARKS,
    Chart,
    Dot,
    Key,
    Label,
    Mark,
    Table,
    TableRow,
)
from service.dashboard.charts.waterfall import waterfall
from service.dashboard.components.causes import CAUSE_NAMES
from service.dashboard.components.slots import bucket_name, slot_head, slot_note
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.sureness import interval_text
from service.dashboard.numbers.units import NOTHING, usd_text
from service.dashboard.spend.facts import SpendFacts, Week
from service.dashboard.view.view import View
from service.queries.spend.reading import Amounts
from vocabulary.causes.split import Causes

MILLION = 1_000_000


def change_chart(facts: SpendFacts, causes: Causes) -> Chart:
    """Return the steps from the period before to this one."""
    steps = [(CAUSE_NAMES[name], nano_usd) for name, nano_usd in causes._asdict().items()]
    return waterfall(
        "What changed spend, step by step",
        "$, list price",
        ("Before", facts.list_before),
        steps,
        ("This period", facts.list_after),
    )


def price_chart(view: View, facts: SpendFacts, looks: Sequence[SlotLook]) -> Chart:
    """Return the price of a million tokens: effective, as billed, and dotted at list price where that differs."""
    at_list, at_effective = ([_per_million(each) for each in sums] for sums in (facts.at_list, facts.at_effective))
    is_billed = any(at_effective) and at_effective != at_list
    shown = at_effective if is_billed else at_list
    slots = view.period.slots
    rows = [
        TableRow(
            slot_head(slot),
            tuple(NOTHING if value is None else usd_text(value) for value in (each, *([at_list[place]] * is_billed))),
            slot_note(slot),
        )
        for place, (slot, each) in enumerate(zip(slots, shown, strict=True))
    ]
    names = ("Effective price", "List price") if is_billed else ("List price",)
    legend = [Key("s-merged", "effective: what was billed" if is_billed else "list price")]
    if is_billed:
        legend.append(Key("s-ghost", "list price"))
    return curve_chart(
        f"Price of a million tokens by {bucket_name(view)}",
        "$ per million tokens",
        "usd",
        looks,
        [Point(value) for value in shown],
        Table((bucket_name(view).capitalize(), *names), rows[::-1]),
        before=at_list if is_billed else (),
        legend=legend,
    )


def _per_million(amounts: Amounts) -> float | None:
    tokens = amounts.tokens.total
    return amounts.nano_usd * MILLION / tokens if tokens else None


def forecast_chart(weeks: Sequence[Week], forecast: Mapping[str, Any]) -> Chart:
    """Return what was spent since the beginning of a quarter, and where it is likely to end."""
    first: date = forecast["first_day"]
    made_to: date = forecast["made_to"]
    end = _end_of_quarter(first)
    budget = forecast["budget_nano_usd"]
    base = HEIGHT - BOTTOM
    highest = max(forecast["high_nano_usd"], budget or 0, weeks[-1].nano_usd)
    axis = axis_to(highest, top=TOP_WITH_MARKS, base=base, unit="usd")

    def x(day: date) -> float:
        return round(((day - first).days + 1) / ((end - first).days + 1) * STRETCHED, 2)

    line = "".join(f"L{x(week.last_day)} {axis.y(week.nano_usd)}" for week in weeks)
    begins, y = x(made_to), axis.y(weeks[-1].nano_usd)
    ends = {name: axis.y(forecast[f"{name}_nano_usd"]) for name in ("low", "likely", "high")}
    paths = [
        ("f-band", f"M{begins} {y}L{STRETCHED} {ends['high']}L{STRETCHED} {ends['low']}Z"),
        ("ln s-merged", f"M0 {axis.y(0)}{line}"),
        ("ln s-part", f"M{begins} {y}L{STRETCHED} {ends['likely']}"),
    ]
    texts = []
    legend = [Key("s-merged", "spent"), Key("band", "80 % of outcomes")]
    if budget:
        paths.append(("ln s-budget", f"M0 {axis.y(budget)}L{STRETCHED} {axis.y(budget)}"))
        texts.append(Mark(1, axis.y(budget) - 6, f"Budget {usd_text(budget)}", "start"))
        legend.append(Key("s-budget", "budget"))
    rows = [TableRow(day_text(week.last_day), (usd_text(week.nano_usd), NOTHING)) for week in weeks]
    between = interval_text(forecast["low_nano_usd"], forecast["high_nano_usd"], usd_text)
    rows.append(TableRow(day_text(end), (usd_text(forecast["likely_nano_usd"]), between), "Forecast"))
    marks = [*(week.last_day for week in weeks[::2]), end]
    return Chart(
        name="Spend of the quarter so far, and its forecast",
        unit=f"$ since {day_text(first)}, list price",
        axis=axis,
        height=HEIGHT,
        slots=len(rows),
        labels=[Label(x(day) / STRETCHED * 100, day_text(day), place % 2 == 1) for place, day in enumerate(marks)],
        table=Table(("Until", "Spent", "80 % of outcomes"), rows[::-1]),
        paths=paths,
        dots=[
            Dot(begins / STRETCHED * 100, y),
            Dot(100, ends["likely"], is_hollow=True, low=ends["low"], high=ends["high"]),
        ],
        texts=texts,
        legend=legend,
    )


def _end_of_quarter(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=95)).replace(day=1) - timedelta(days=1)
