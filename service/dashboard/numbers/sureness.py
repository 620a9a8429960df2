"""How sure a figure is, and how it looks because of that: solid, ranged, dashed or absent. Pure."""

from collections.abc import Callable
from enum import StrEnum
from math import floor, log10
from typing import NamedTuple

from service.dashboard.numbers.units import NARROW, NOTHING, percent_text, usd_text
from vocabulary.intervals import COVERAGE, RELIABLE_SHARE, SUM_SIZE
from vocabulary.reliability import SUM_SHARE

SURE_SHARE = 0.9


class Sureness(StrEnum):
    """The state of a figure; also its class in the style sheet."""

    SURE = "sure"
    GOOD = "good"
    UNSURE = "unsure"
    UNFINISHED = "unfinished"
    STALE = "stale"
    WITHHELD = "withheld"
    NOTHING = "nothing"


class Shown(NamedTuple):
    """A figure as shown: its text, what stands beneath it, and the state that decides its look."""

    text: str
    sureness: Sureness = Sureness.SURE
    note: str = ""
    exact: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a figure to read."""
        return self.sureness not in {Sureness.WITHHELD, Sureness.NOTHING}


def sureness_of(linked_share: float) -> Sureness:
    """Return how sure a figure is whose tokens are linked directly to this share, from 0 to 1."""
    if linked_share >= SURE_SHARE:
        return Sureness.SURE
    return Sureness.GOOD if linked_share >= RELIABLE_SHARE else Sureness.UNSURE


def interval_text(low: float, high: float, text: Callable[[float], str]) -> str:
    """Return an interval: `$3.18 - $3.40`."""
    return f"{text(low)} \N{EN DASH} {text(high)}"


def figure(
    value: float,
    low: float | None,
    high: float | None,
    linked_share: float,
    text: Callable[[float], str] = usd_text,
    *,
    pull_requests: int = 1,
) -> Shown:
    """Return a figure with its interval beneath; under 60 % linked only a range of one digit.

    The errors of many pull requests cancel out: with half as many links their sum is a figure, as `reliable` of the API
    says.
    """
    sureness = sureness_of(linked_share)
    if sureness is Sureness.UNSURE and pull_requests >= SUM_SIZE and linked_share >= SUM_SHARE:
        sureness = Sureness.GOOD
    if low is None or high is None:
        note = "" if sureness is Sureness.SURE else f"{percent_text(linked_share)} linked directly"
        return Shown(text(value), sureness, note)
    if sureness is Sureness.UNSURE:
        return Shown(rough_range(low, high, text), sureness, f"estimate: {percent_text(linked_share)} linked directly")
    return Shown(text(value), sureness, f"{interval_text(low, high, text)}, {percent_text(COVERAGE)} interval")


def withheld(reason: str) -> Shown:
    """Return a figure that is not shown, with the reason and the threshold."""
    return Shown("", Sureness.WITHHELD, f"Withheld: {reason}")


def nothing(missing: str) -> Shown:
    """Return a figure that does not exist, with what is missing. It is never 0, which would be a measurement."""
    return Shown(NOTHING, Sureness.NOTHING, missing)


def unfinished(text: str, note: str) -> Shown:
    """Return a figure of a period that is still running: `3 of 7 days`."""
    return Shown(text, Sureness.UNFINISHED, note)


def rough_range(low: float, high: float, text: Callable[[float], str] = usd_text) -> str:
    """Return a range with one digit each: `$10-30`."""
    first, last = (_shortened(text(_one_digit(end, up=up))) for end, up in ((low, False), (high, True)))
    if first == last:
        return first
    # The unit of both stands once, as in `2-4 M`.
    number, _, unit = first.partition(NARROW)
    shared = unit and last.endswith(f"{NARROW}{unit}")
    return f"{number if shared else first}\N{EN DASH}{last.removeprefix('$')}"


def _shortened(text: str) -> str:
    """Leave out decimals that are 0."""
    return text.removesuffix(".00").replace(f".0{NARROW}", NARROW)


def _one_digit(number: float, *, up: bool) -> float:
    """Round outwards to one digit."""
    if number <= 0:
        return 0
    scale = 10 ** floor(log10(number))
    return float((-(-number // scale) if up else number // scale) * scale)
