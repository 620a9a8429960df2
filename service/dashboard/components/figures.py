"""Figures, trust strips, notices and exports as templates show them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.dashboard.numbers.sureness import Shown


class Line(NamedTuple):
    """A line beneath a figure: what is strong in it, and the rest."""

    strong: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the strip, explained by `definition`, `basis` (period, price) and `request` (the API's address)."""

    name: str
    shown: Shown
    definition: str
    basis: str
    request: str
    lines: Sequence[Line] = ()


class Trust(NamedTuple):
    """A part of the trust strip: text around what is strong. `dot` is `on`, `warn`, `off` or empty."""

    before: str
    strong: str
    after: str = ""
    dot: str = ""


class Notice(NamedTuple):
    """A sentence at the top of a page, in amber unless it is plain."""

    title: str
    text: str
    link: str = ""
    link_text: str = ""
    is_plain: bool = False


class Answer(NamedTuple):
    """The sentence that answers the question of a page, and why: (text, is strong) one after another."""

    sentence: str
    why: Sequence[tuple[str, bool]] = ()
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """The main table of a page as a file: plain values, money as decimal strings in USD."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


class Chip(NamedTuple):
    """A short fact beneath the answer; `is_away` leads to the forge."""

    text: str
    kind: str = ""
    link: str = ""
    is_away: bool = False
