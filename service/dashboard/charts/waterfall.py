"""A waterfall: from one amount to another, step by step. Pure."""

from collections.abc import Callable, Sequence

from service.dashboard.charts.axis import axis_to, value_text
from service.dashboard.charts.parts import BOTTOM, HEIGHT, Box, Chart, Label, Mark, Table, TableRow, middle
from service.dashboard.numbers.units import signed, usd_text

TOP = 26
FILLED = 0.58
LEAST_HEIGHT = 1.0
TEXT_ROOM = 6


def waterfall(
    name: str, unit_text: str, before: tuple[str, int], steps: Sequence[tuple[str, int]], after: tuple[str, int]
) -> Chart:
    """Return the chart of (label, nano-USD); the first and last are whole, the steps lead from one to the other."""
    base = HEIGHT - BOTTOM
    number = len(steps) + 2
    running, tops = before[1], [before[1], after[1]]
    for _, amount in steps:
        running += amount
        tops.append(running)
    axis = axis_to(max(tops), top=TOP, base=base, unit="usd")
    largest = max(abs(amount) for amount in tops)
    rows = [TableRow(before[0], (usd_text(before[1]), usd_text(before[1])))]
    boxes = [_box("f-prev", 0, number, 0, before[1], axis.y)]
    texts = [Mark(middle(0, number), axis.y(before[1]) - TEXT_ROOM, usd_text(before[1]), "middle")]
    running = before[1]
    for place, (label, amount) in enumerate(steps, 1):
        boxes.append(_box("f-up" if amount >= 0 else "f-down", place, number, running, running + amount, axis.y))
        said = signed(amount, usd_text(amount, largest))
        texts.append(Mark(middle(place, number), axis.y(max(running, running + amount)) - TEXT_ROOM, said, "middle"))
        running += amount
        rows.append(TableRow(label, (said, usd_text(running))))
    boxes.append(_box("f-total", number - 1, number, 0, after[1], axis.y))
    texts.append(Mark(middle(number - 1, number), axis.y(after[1]) - TEXT_ROOM, value_text(after[1], "usd"), "middle"))
    rows.append(TableRow(after[0], (usd_text(after[1]), usd_text(after[1]))))
    names = [before[0], *(label for label, _ in steps), after[0]]
    return Chart(
        name=name,
        unit=unit_text,
        axis=axis,
        height=HEIGHT,
        slots=number,
        labels=[Label(middle(place, number), each, is_alternate=False) for place, each in enumerate(names)],
        table=Table(("Step", "Effect", "Running total"), rows[::-1]),
        boxes=boxes,
        texts=texts,
    )


def _box(kind: str, place: int, number: int, start: float, end: float, y: Callable[[float], float]) -> Box:
    high, low = y(max(start, end)), y(min(start, end))
    x = round((place + (1 - FILLED) / 2) / number * 100, 2)
    return Box(kind, x, round(FILLED / number * 100, 2), high, max(round(low - high, 2), LEAST_HEIGHT))
