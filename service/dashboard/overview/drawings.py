"""The chart of what merged pull requests cost. Pure."""

from collections.abc import Sequence

from service.dashboard.charts.curves import Point, SlotLook, curve_chart
from service.dashboard.charts.parts import Chart, Event, Key, Table, TableRow
from service.dashboard.components.slots import bucket_name, slot_head, slot_link, slot_note
from service.dashboard.numbers.sureness import interval_text
from service.dashboard.numbers.units import NOTHING, count_text, usd_text
from service.dashboard.overview.facts import OverviewFacts
from service.dashboard.view.view import View
from service.queries.spend.merged_sums import MergedSum

TALL = 340


def cost_chart(view: View, facts: OverviewFacts, looks: Sequence[SlotLook]) -> Chart:
    """Return what a merged pull request cost, by the time of its merge."""
    slots, in_tokens = view.period.slots, view.is_in_tokens
    text = count_text if in_tokens else usd_text
    points = [_point(view, facts, place) for place in range(len(slots))]
    before = [_each(each, in_tokens=in_tokens) for each in facts.merged_before]
    has_before = any(value is not None for value in before)
    columns = (bucket_name(view).capitalize(), "Per merged pull request", "80 % interval", "Merged", "Period before")
    rows = [
        TableRow(
            slot_head(slot),
            (
                NOTHING if point.value is None else text(point.value),
                NOTHING if point.low is None or point.high is None else interval_text(point.low, point.high, text),
                count_text(merged.pull_requests),
                *([NOTHING if before[place] is None else text(before[place] or 0)] if has_before else []),
            ),
            slot_note(slot),
            slot_link(view, slot, "/pull-requests"),
        )
        for place, (slot, point, merged) in enumerate(zip(slots, points, facts.merged, strict=True))
    ]
    legend = [
        Key("band" if any(point.low is not None for point in points) else "s-merged", "this period, 80 % interval")
    ]
    if legend[0].kind == "s-merged":
        legend = [Key("s-merged", "this period")]
    if has_before:
        legend.append(Key("s-ghost", view.period.before_name))
    if partial := next((slot for slot in slots if slot.is_partial), None):
        legend.append(Key("hollow", f"unfinished {bucket_name(view)}, {partial.note}"))
    what = "Tokens" if in_tokens else "Dollars"
    return curve_chart(
        f"{what} per merged pull request, by {bucket_name(view)} of the merge",
        "tokens per merged pull request" if in_tokens else f"$ per merged pull request, {view.price_name}",
        "tokens" if in_tokens else "usd",
        looks,
        points,
        Table(columns[: 5 if has_before else 4], rows[::-1]),
        before=before if has_before else (),
        events=_events(view, facts),
        legend=legend,
        height=TALL,
    )


def _point(view: View, facts: OverviewFacts, place: int) -> Point:
    """Return a slot's value; an estimate, of which under 60 % are linked, has an interval and no point."""
    slot, merged = view.period.slots[place], facts.merged[place]
    value = _each(merged, in_tokens=view.is_in_tokens)
    evidence = facts.weekly.get(slot.span.first)
    if value is None or evidence is None or evidence.interval is None or not evidence.tokens:
        return Point(value)
    low, high = (value * end / evidence.tokens for end in evidence.interval)
    return Point(value, low, high)


def _each(merged: MergedSum, *, in_tokens: bool) -> float | None:
    if not merged.pull_requests:
        return None
    return (merged.tokens if in_tokens else merged.nano_usd) / merged.pull_requests


def _events(view: View, facts: OverviewFacts) -> list[Event]:
    first, last = view.period.slots[0].span.first, view.period.slots[-1].span.last
    days = (last - first).days + 1
    happened = [
        *facts.events,
        *((each.released_at.date(), "release" if each.is_unnamed else each.label) for each in facts.releases),
    ]
    return [Event((day - first).days / days, text) for day, text in happened if first <= day <= last]
