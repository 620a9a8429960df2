"""The charts of effects: weeks around the start of agents, and diminishing returns. Pure."""

from service.contracts.effects.study import OutcomeEffect, Returns
from service.dashboard.charts.curves import Point, SlotLook, curve_chart
from service.dashboard.charts.events import Measured, event_chart, week_text
from service.dashboard.charts.parts import Chart, Key, Table, TableRow
from service.dashboard.components.effects import interval_of_effect, share_text
from service.dashboard.numbers.units import NOTHING, count_text, percent_text

FEWEST = 2


def weeks_chart(merged: OutcomeEffect) -> Chart | None:
    """Return the effect week by week; None if none was measured."""
    known = {
        each.week: each
        for each in merged.weeks
        if each.effect is not None
        and each.effect.change is not None
        and each.effect.low is not None
        and each.effect.high is not None
    }
    if len(known) < FEWEST:
        return None
    measured = {
        week: Measured(each.effect.change or 0, each.effect.low or 0, each.effect.high or 0)
        for week, each in known.items()
        if each.effect is not None
    }
    rows = []
    for week in range(max(known), min(known) - 1, -1):
        found = known.get(week)
        effect = found.effect if found else None
        cells = (
            (share_text(effect.change or 0), interval_of_effect(effect), str(found.teams))
            if found is not None and effect is not None
            else (NOTHING, NOTHING, NOTHING)
        )
        rows.append(TableRow(_row_text(week), cells))
    return event_chart(
        "Merged pull requests a week around the start of agents",
        "change against teams that had not started",
        measured,
        merged.effect.smallest_visible if merged.effect else None,
        "agents in use",
        Table(("Week", "Change", "95 % interval", "Teams"), rows),
    )


def returns_chart(returns: Returns) -> Chart | None:
    """Return how merged pull requests go with use; None with too few points."""
    points = returns.points
    if len(points) < FEWEST:
        return None
    looks = [SlotLook(count_text(each.tokens_per_person)) for each in points]
    rows = [
        TableRow(
            count_text(each.tokens_per_person),
            (
                percent_text(each.relative),
                f"{percent_text(each.low)} to {percent_text(each.high)}",
            ),
        )
        for each in points
    ]
    return curve_chart(
        "Merged pull requests by tokens a person and week",
        "merged pull requests, against the lowest use; along: tokens a person and week",
        "share",
        looks,
        [Point(each.relative, each.low, each.high) for each in points],
        Table(("Tokens a person and week", "Merged", "95 % interval"), rows[::-1]),
        legend=[Key("band", "merged pull requests, 95 % interval")],
    )


def _row_text(week: int) -> str:
    if week == 0:
        return "Start"
    return f"{week_text(week)} week{'' if abs(week) == 1 else 's'}"
