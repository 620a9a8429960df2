"""A column of small curves that share one axis. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from service.dashboard.charts.axis import Unit, value_text

WIDE, HIGH, MARGIN = 100, 24, 2


class TrendColumn(NamedTuple):
    """The path of each row, empty with fewer than two values, and the axis of all: `$0-$10`."""

    paths: list[str]
    scale: str


def trend_column(rows: Sequence[Sequence[float | None]], unit: Unit) -> TrendColumn:
    """Return rows of values by slot as paths of a box of 100 by 24, from zero to the highest of all."""
    highest = max((value for row in rows for value in row if value is not None), default=0)
    paths = [_path(row, highest) for row in rows]
    if not any(paths):
        return TrendColumn(paths, "")
    ends = [value_text(end, unit).removesuffix(".00") for end in (0, highest)]
    return TrendColumn(paths, "\N{EN DASH}".join(ends))


def _path(row: Sequence[float | None], highest: float) -> str:
    known = [value for value in row if value is not None]
    if len(known) < 2 or not highest:  # noqa: PLR2004 - a line has two ends
        return ""
    path, is_down = [], False
    for place, value in enumerate(row):
        if value is not None:
            x = round(MARGIN + place / (len(row) - 1) * (WIDE - 2 * MARGIN), 1)
            y = round(HIGH - MARGIN - value / highest * (HIGH - 2 * MARGIN), 1)
            path.append(f"{'L' if is_down else 'M'}{x} {y}")
        is_down = value is not None
    return "".join(path)
