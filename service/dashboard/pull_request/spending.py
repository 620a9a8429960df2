"""What a pull request was spent on: by day, by model and kind of token, by evidence. Pure.

Of an estimate only shares are shown, because amounts would look more exact than they are.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from service.dashboard.charts.axis import Unit
from service.dashboard.charts.bars import Segment, bar_chart, whole_bar
from service.dashboard.charts.curves import SlotLook
from service.dashboard.charts.parts import Chart, Event, Key, Table, TableRow
from service.dashboard.components.costs import EVIDENCE
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.units import count_text, percent_text, shares, usd_text
from service.dashboard.pull_request.facts import OneFacts
from service.dashboard.view.view import View
from service.queries.artifacts.one_pull_request import DaySpend
from vocabulary.tokens import TOKEN_KINDS

# Of more models, the rest are one.
MODELS: Final = 3
# Longer lives are drawn by week.
MOST_DAYS: Final = 31
WEEK = timedelta(days=7)
KINDS: Final = {
    "input_uncached": ("kind-3", "Input"),
    "cache_read": ("kind-1", "Cache read"),
    "cache_write": ("kind-2", "Cache write"),
    "output_visible": ("kind-4", "Output"),
    "output_reasoning": ("kind-5", "Reasoning"),
}
LINKED_BY: Final = {
    "artifact": ("Artifact", "the agent named this pull request"),
    "commit": ("Commit", "the session made a commit in it"),
    "branch": ("Branch", "the session was on its branch"),
    "repository": ("Repository", "split over what was active in the repository"),
    "cohort": ("Team and hour", "split over what the team worked on"),
}


class ModelRow(NamedTuple):
    """A model, or all of them: its dollars and its tokens, in all and by kind."""

    name: str
    kind: str
    dollars: str
    tokens: str
    by_kind: list[str]


class LinkedRow(NamedTuple):
    """A kind of evidence, its share of the tokens, and their number, empty for an estimate."""

    kind: str
    name: str
    description: str
    share: str
    tokens: str


class Spending(NamedTuple):
    """Rows by model with all of them at the end, and bars of dollars by model and of tokens by kind."""

    rows: list[ModelRow]
    kinds: list[tuple[str, str]]
    dollars: list[Segment]
    tokens: list[Segment]


def linked_rows(facts: OneFacts) -> list[LinkedRow]:
    """Return how the tokens were linked, the strongest evidence first."""
    totals = [sum(each.spend.tokens.total for each in facts.days if each.evidence == kind) for kind in EVIDENCE]
    return [
        LinkedRow(kind, *LINKED_BY[kind], percent_text(share), "" if facts.is_estimate else count_text(total))
        for kind, share, total in zip(EVIDENCE, shares(totals), totals, strict=True)
    ]


def spending_of(facts: OneFacts) -> Spending:
    """Return what was spent by model and kind."""
    names = model_names(facts.days)
    whole = _sums(facts.days)
    rows = []
    for name, kind in names.items():
        parts = [each for each in facts.days if _model(each, names) == name]
        rows.append(_model_row(name, kind, _sums(parts), whole, is_estimate=facts.is_estimate))
    rows.append(_model_row("All", "", whole, whole, is_estimate=facts.is_estimate))
    dollars = {
        kind: sum(each.spend.nano_usd for each in facts.days if _model(each, names) == name)
        for name, kind in names.items()
    }
    tokens = {KINDS[kind][0]: whole[kind] for kind in TOKEN_KINDS}
    return Spending(rows, list(KINDS.values()), whole_bar(dollars), whole_bar(tokens))


def day_chart(view: View, facts: OneFacts) -> Chart | None:
    """Return when it was spent, by model; None without tokens."""
    if not facts.days:
        return None
    first, last = facts.days[0].day, facts.days[-1].day
    step = timedelta(days=1) if (last - first).days < MOST_DAYS else WEEK
    if step == WEEK:
        first -= timedelta(days=first.weekday())
    slots = [first + step * place for place in range((last - first) // step + 1)]
    names = model_names(facts.days)
    has_cost = any(each.spend.nano_usd for each in facts.days)
    whole = sum(_amount(each, has_cost=has_cost) for each in facts.days)
    unit: Unit = "share" if facts.is_estimate else "usd" if has_cost else "tokens"
    parts: dict[str, list[float]] = {kind: [0.0] * len(slots) for kind in names.values()}
    for each in facts.days:
        amount = _amount(each, has_cost=has_cost)
        place = (each.day - first) // step
        parts[names[_model(each, names)]][place] += amount / whole if facts.is_estimate else amount
    texts: Mapping[Unit, Callable[[float], str]] = {"share": percent_text, "usd": usd_text, "tokens": count_text}
    text = texts[unit]
    rows = [
        TableRow(
            day_text(slot),
            (*(text(values[place]) for values in parts.values()), text(sum(each[place] for each in parts.values()))),
        )
        for place, slot in enumerate(slots)
    ]
    what = "week" if step == WEEK else "day"
    of = {"share": "% of its spend", "usd": "$", "tokens": "tokens"}[unit]
    price = f", {view.price_name}" if unit == "usd" else ""
    return bar_chart(
        f"Spend by {what}",
        f"{of} a {what} (UTC){price}",
        unit,
        [SlotLook(day_text(slot), is_partial=facts.is_estimate) for slot in slots],
        parts,
        Table((what.capitalize(), *names, "All"), rows[::-1]),
        events=_events(facts, first, slots[-1] + step),
        legend=[Key(kind, name) for name, kind in names.items()],
    )


def model_names(days: Sequence[DaySpend]) -> dict[str, str]:
    """Return the class of each model, the dearest first; what is beyond the first few is `others`."""
    cost = defaultdict[str, tuple[int, int]](lambda: (0, 0))
    for each in days:
        nano_usd, tokens = cost[each.model]
        cost[each.model] = (nano_usd + each.spend.nano_usd, tokens + each.spend.tokens.total)
    ordered = sorted(cost, key=lambda model: (-cost[model][0], -cost[model][1], model))
    shown = ordered if len(ordered) <= MODELS + 1 else [*ordered[:MODELS], f"{len(ordered) - MODELS} others"]
    return {name or "unknown model": f"model-{place}" for place, name in enumerate(shown, 1)}


def _model(each: DaySpend, names: dict[str, str]) -> str:
    name = each.model or "unknown model"
    return name if name in names else list(names)[-1]


def _amount(each: DaySpend, *, has_cost: bool) -> int:
    return each.spend.nano_usd if has_cost else each.spend.tokens.total


def _sums(days: Sequence[DaySpend]) -> dict[str, int]:
    kinds = {kind: sum(getattr(each.spend.tokens, kind) for each in days) for kind in TOKEN_KINDS}
    return {**kinds, "total": sum(kinds.values()), "nano_usd": sum(each.spend.nano_usd for each in days)}


def _model_row(name: str, kind: str, sums: dict[str, int], whole: dict[str, int], *, is_estimate: bool) -> ModelRow:
    if not is_estimate:
        by_kind = [count_text(sums[each]) for each in KINDS]
        return ModelRow(name, kind, usd_text(sums["nano_usd"], whole["nano_usd"]), count_text(sums["total"]), by_kind)
    dollars = percent_text(sums["nano_usd"] / whole["nano_usd"]) if whole["nano_usd"] else percent_text(0)
    tokens = whole["total"] or 1
    by_kind = [percent_text(sums[each] / tokens) for each in KINDS]
    return ModelRow(name, kind, dollars, percent_text(sums["total"] / tokens), by_kind)


def _events(facts: OneFacts, begins: date, ends: date) -> list[Event]:
    happened = [("opened", facts.opened_at), ("merged", facts.shown.merged_at)]
    if facts.shown.state == "abandoned":
        happened.append(("closed", facts.closed_at))
    days = (ends - begins).days
    return [
        Event(place, text)
        for text, instant in happened
        if instant is not None and 0 <= (place := _day_of(instant, begins) / days) <= 1
    ]


def _day_of(instant: datetime, begins: date) -> float:
    return (instant.date() - begins).days + instant.hour / 24
