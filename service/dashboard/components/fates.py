"""What became of spend: its four parts, their names, and their chart. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from service.dashboard.charts.bars import bar_chart
from service.dashboard.charts.curves import SlotLook
from service.dashboard.charts.parts import Chart, Key, Table, TableRow
from service.dashboard.components.slots import bucket_name, slot_head, slot_link, slot_note
from service.dashboard.numbers.units import count_text, usd_text
from service.dashboard.view.view import View
from service.queries.spend.reading import Amounts, Cell

FATES: Final = ("merged", "in_flight", "abandoned", "overhead")
FATE_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "merged": ("Merged", "pull requests that were merged"),
    "in_flight": ("In flight", "pull requests still open"),
    "abandoned": ("Abandoned", "closed without a merge"),
    "overhead": ("Overhead", "on no pull request"),
}
# What was spent in a slot, by fate.
Fates: TypeAlias = Mapping[str, Amounts]


def fates_of(cells: Sequence[Cell], number: int, *, place: int = 0, is_before: bool = False) -> list[Fates]:
    """Return the fates of each of `number` buckets, from cells whose group at `place` is a fate."""
    found: list[dict[str, Amounts]] = [dict.fromkeys(FATES, Amounts()) for _ in range(number)]
    for cell in cells:
        found[cell.bucket - 1][cell.groups[place]] = cell.before if is_before else cell.now
    return [*found]


def fate_chart(view: View, fates: Sequence[Fates], looks: Sequence[SlotLook]) -> Chart:
    """Return what was spent in each slot, and what has become of it."""
    in_tokens = view.is_in_tokens
    text = count_text if in_tokens else usd_text
    parts = {
        fate.replace("_", "-"): [each[fate].tokens.total if in_tokens else each[fate].nano_usd for each in fates]
        for fate in FATES
    }
    rows = [
        TableRow(
            slot_head(slot),
            (*(text(values[place]) for values in parts.values()), text(sum(each[place] for each in parts.values()))),
            slot_note(slot),
            slot_link(view, slot, "/spend"),
        )
        for place, slot in enumerate(view.period.slots)
    ]
    names = [FATE_NAMES[fate][0] for fate in FATES]
    legend = [Key(kind, name) for kind, name in zip(parts, names, strict=True)]
    if any(slot.is_partial for slot in view.period.slots):
        legend.append(Key("veil", f"unfinished {bucket_name(view)}"))
    return bar_chart(
        f"{'Tokens' if in_tokens else 'Spend'} by {bucket_name(view)} and what became of it",
        f"{'tokens' if in_tokens else '$'} a {bucket_name(view)}{'' if in_tokens else f', {view.price_name}'}",
        "tokens" if in_tokens else "usd",
        looks,
        parts,
        Table((bucket_name(view).capitalize(), *names, "All"), rows[::-1]),
        legend=legend,
    )
