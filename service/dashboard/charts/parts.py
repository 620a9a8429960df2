"""What charts are made of: boxes, dots, marks, labels, legends and the table beneath. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from service.dashboard.charts.axis import Axis

STRETCHED = 1000
HEIGHT = 264
# Room for two rows of marks above the plot, and for labels beneath.
TOP, TOP_WITH_MARKS, BOTTOM = 10, 34, 24
MARK_ROWS = 2
# How far texts of marks must be apart, in percent.
MARK_ROOM, NARROW_MARK_ROOM = 17, 45
# The room of a letter, for longer texts.
LETTER_ROOM, NARROW_LETTER_ROOM = 1.2, 2.2
# Labels where there is room, and where it is narrow.
MOST_LABELS, MOST_NARROW_LABELS = 14, 6


class Box(NamedTuple):
    """A rectangle: x and width in percent, y and height in pixels; `kind` is its class."""

    kind: str
    x: float
    width: float
    y: float
    height: float


class Dot(NamedTuple):
    """A point of a curve; hollow if it is unfinished. `low` and `high` are the ends of its whisker, if any."""

    x: float
    y: float
    is_hollow: bool = False
    low: float | None = None
    high: float | None = None
    text: str = ""


class Mark(NamedTuple):
    """An event: a labelled vertical line; the text of an alternate one is left out where it is narrow."""

    x: float
    y: float
    text: str
    anchor: str
    is_alternate: bool = False


class Label(NamedTuple):
    """A text beneath the plot; `is_alternate` ones are left out where it is narrow."""

    x: float
    text: str
    is_alternate: bool


class Key(NamedTuple):
    """An entry of a legend: its look (a class of the style sheet) and text."""

    kind: str
    text: str


class Event(NamedTuple):
    """Something that happened, at a share of the whole width from 0 to 1."""

    place: float
    text: str


class TableRow(NamedTuple):
    """A row of the table beneath: its head, cells, what is special about it, and the page that shows more."""

    head: str
    cells: tuple[str, ...]
    note: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The values of a chart, the newest first; also what hover and arrow keys read."""

    columns: tuple[str, ...]
    rows: list[TableRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as its template draws it: `paths` are (class, path) in stretched units."""

    name: str
    unit: str
    axis: Axis
    height: int
    slots: int
    labels: list[Label]
    table: Table
    hatches: list[Box] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    paths: list[tuple[str, str]] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    texts: list[Mark] = field(default_factory=list)
    legend: list[Key] = field(default_factory=list)


def middle(place: int, slots: int) -> float:
    """Return the middle of a slot in percent."""
    return round((place + 0.5) / slots * 100, 2)


def labels_of(texts: Sequence[str]) -> list[Label]:
    """Return the labels of slots; of many, only every so many, and always the newest."""
    every = -(-len(texts) // MOST_LABELS)
    every_narrow = -(-len(texts) // (every * MOST_NARROW_LABELS))
    last = len(texts) - 1
    return [
        Label(middle(place, len(texts)), text, (last - place) // every % every_narrow != 0)
        for place, text in enumerate(texts)
        if (last - place) % every == 0
    ]


def marks_of(events: Sequence[Event]) -> list[Mark]:
    """Return the marks of events, whose texts stand in two rows; without room, a mark has no text."""
    ends: list[float] = [-100.0] * MARK_ROWS
    narrow_ends = [*ends]
    marks = []
    for event in sorted(events):
        x = round(100 * event.place, 2)
        anchor = "end" if x > 50 else "start"  # noqa: PLR2004 - on a narrow page, text has room on the wider side only
        room = max(MARK_ROOM, LETTER_ROOM * len(event.text))
        narrow_room = max(NARROW_MARK_ROOM, NARROW_LETTER_ROOM * len(event.text))
        begins = x - room if anchor == "end" else x
        row = next((row for row in range(MARK_ROWS) if ends[row] <= begins), None)
        is_alternate = False
        if row is not None:
            ends[row] = begins + room
            narrow_begins = x - narrow_room if anchor == "end" else x
            is_alternate = narrow_ends[row] > narrow_begins
            narrow_ends[row] = narrow_ends[row] if is_alternate else narrow_begins + narrow_room
        marks.append(Mark(x, 8 + 14 * (row or 0), event.text if row is not None else "", anchor, is_alternate))
    return marks
