"""Slots of a period in charts and tables. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from service.dashboard.charts.curves import SlotLook
from service.dashboard.view.periods import Slot, range_text
from service.dashboard.view.view import View
from service.queries.spend.runs import Span

FEWEST = 4
UNFINISHED = "Not a whole one; compare it with no other"


def slot_looks(view: View, silent_since: date | None) -> list[SlotLook]:
    """Return the looks of the period's slots; after `silent_since`, nothing was heard."""
    return [
        SlotLook(
            slot.label,
            slot.is_partial or (silent_since is not None and slot.span.first <= silent_since < slot.span.last),
            silent_since is not None and slot.span.first > silent_since,
        )
        for slot in view.period.slots
    ]


def leading_empty(has_data: Sequence[bool]) -> int:
    """Return how many slots before the first with data need not be drawn; a few are always left."""
    first = next((place for place, has in enumerate(has_data) if has), 0)
    return max(0, min(first, len(has_data) - FEWEST))


def without_leading(view: View, number: int) -> View:
    """Return the view without its first slots; the period that it sums stays."""
    return replace(view, period=view.period._replace(slots=view.period.slots[number:])) if number else view


def bucket_name(view: View) -> str:
    """Return what a slot is: day, week or month."""
    return view.period.grain.value


def slot_head(slot: Slot) -> str:
    """Return a slot as the head of a row: `30 Nov (3 of 7 days)`."""
    return f"{slot.label} ({slot.note})" if slot.is_partial else slot.label


def slot_link(view: View, slot: Slot, path: str) -> str:
    """Return the address of a page about a slot alone, as far as its days are known."""
    known = Span(slot.span.first, slot.span.first + timedelta(days=slot.days - 1))
    return view.carry(path, period=range_text(known))


def slot_note(slot: Slot) -> str:
    """Return what is special about a slot."""
    return UNFINISHED if slot.is_partial else ""
