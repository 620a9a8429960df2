"""The tables of spend: bills, models, workflows, teams, budgets. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from service.api.ledger.team_changes import TeamChange
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.units import (
    NOTHING,
    count_text,
    percent_text,
    shares,
    signed,
    usd_text,
    usd_texts,
)
from service.dashboard.spend.facts import Pair
from service.dashboard.view.view import View

MOST_ROWS = 12
MODELS_WITH_COLOUR = 3
MILLION = 1_000_000
PERIODS = {"month": "this month", "quarter": "this quarter"}


class Bill(NamedTuple):
    """One provider, or all of them: what it billed, what telemetry saw, and what it did not."""

    name: str
    billed: str
    seen: str
    share: float
    share_text: str
    unseen: str
    unseen_share: str


class GroupRow(NamedTuple):
    """One model or workflow. `kind` is the class of its colour."""

    name: str
    address: str
    kind: str
    dollars: str
    share: str
    before: str
    tokens: str
    price: str
    cached: str


class TeamRow(NamedTuple):
    """One team, or several small ones together, and how its spend changed."""

    name: str
    address: str
    dollars: str
    change: str
    note: str


class BudgetRow(NamedTuple):
    """One budget, what is spent, and where the forecast ends."""

    name: str
    budget: str
    spent: str
    likely: str
    verdict: str
    needs_look: bool


def bills(rows: Mapping[str, Mapping[str, Any]]) -> list[Bill]:
    """Return what each provider billed; the last row is all of them if there are several."""
    known = [(name or "Other charges", row) for name, row in rows.items() if _billed(row)]
    if len(known) > 1:
        columns = [key for key, value in known[0][1].items() if isinstance(value, int)]
        known.append(("All", {column: sum(row[column] for _, row in known) for column in columns}))
    largest = max((_billed(row) for _, row in known), default=0)
    return [_bill(name, row, largest) for name, row in known]


def groups(
    pairs: Mapping[str, Pair], address: Callable[[str], str], unnamed: str, *, is_compared: bool
) -> list[GroupRow]:
    """Return the dearest groups, and the rest as one."""
    ordered = sorted(pairs.items(), key=lambda item: (-item[1].now.nano_usd, item[0]))
    ordered = [item for item in ordered if item[1].now.tokens.total or item[1].now.nano_usd]
    if len(ordered) > MOST_ROWS:
        rest = [pair for _, pair in ordered[MOST_ROWS - 1 :]]
        ordered = [*ordered[: MOST_ROWS - 1], (f"{len(rest)} others", _added(rest))]
    costs = usd_texts([pair.now.nano_usd for _, pair in ordered])
    now = shares([pair.now.nano_usd for _, pair in ordered])
    before = shares([pair.before.nano_usd for _, pair in ordered])
    has_before = is_compared and any(before)
    rows = []
    for place, (name, pair) in enumerate(ordered):
        rows.append(
            GroupRow(
                name or unnamed,
                address(name) if name in pairs and name else "",
                f"model-{min(place, MODELS_WITH_COLOUR) + 1}",
                costs[place],
                percent_text(now[place], 1),
                percent_text(before[place], 1) if has_before else NOTHING,
                count_text(pair.now.tokens.total),
                _price(pair),
                _cached(pair),
            )
        )
    return rows


def teams(view: View, changes: Sequence[TeamChange], *, is_compared: bool) -> list[TeamRow]:
    """Return the teams whose spend changed most, or the dearest without a comparison; small ones come as one."""
    ordered = changes if is_compared else sorted(changes, key=lambda each: -each.after.nano_usd)
    shown = [each for each in ordered if each.after.nano_usd or is_compared][:MOST_ROWS]
    costs = usd_texts([each.after.nano_usd for each in shown])
    deltas = usd_texts([each.nano_usd for each in shown])
    return [
        TeamRow(
            each.team or f"{each.teams} teams together",
            view.at(team=each.team) if each.team else "",
            cost,
            signed(each.nano_usd, delta) if is_compared else NOTHING,
            each.together_reason or "",
        )
        for each, cost, delta in zip(shown, costs, deltas, strict=True)
    ]


def budgets(rows: Sequence[Mapping[str, Any]], forecasts: Sequence[Mapping[str, Any]]) -> list[BudgetRow]:
    """Return each budget with its forecast."""
    by_key = {(row["team"], row["of_model"], row["period"]): row for row in forecasts}
    found = []
    for row in rows:
        forecast = by_key.get((row["team"], row["model"], row["period"]))
        of_model = f", {row['model']}" if row["model"] else ""
        name = f"{row['team'] or 'All teams'}{of_model}, {PERIODS.get(row['period'], row['period'])}"
        if forecast is None:
            found.append(
                BudgetRow(name, usd_text(row["nano_usd"]), NOTHING, NOTHING, "no forecast yet", needs_look=False)
            )
            continue
        if reason := forecast["withheld_reason"]:
            found.append(
                BudgetRow(name, usd_text(row["nano_usd"]), NOTHING, NOTHING, f"withheld: {reason}", needs_look=False)
            )
            continue
        verdict, needs_look = verdict_of(row["nano_usd"], forecast)
        spent, likely = usd_texts([forecast["spent_nano_usd"], forecast["likely_nano_usd"]])
        found.append(BudgetRow(name, usd_text(row["nano_usd"]), spent, likely, verdict, needs_look))
    return found


def verdict_of(budget: int, forecast: Mapping[str, Any]) -> tuple[str, bool]:
    """Return whether a budget will hold, and whether it needs a look."""
    if forecast["spent_nano_usd"] >= budget:
        return "already exceeded", True
    day = forecast["exceeded_on"]
    if forecast["likely_nano_usd"] > budget:
        return f"likely exceeded on {day_text(day)}" if day else "likely exceeded", True
    if forecast["high_nano_usd"] > budget:
        return "may be exceeded", False
    return "likely to hold", False


def _bill(name: str, row: Mapping[str, Any], largest: int) -> Bill:
    billed, seen = _billed(row), row["attributed_nano_usd"]
    charged = sum(row[f"charged_{kind}"] for kind in ("input_uncached", "cache_read", "cache_write", "output"))
    share = min(row["covered_tokens"] / charged, 1.0) if charged > 0 else 0.0
    return Bill(
        name,
        usd_text(billed, largest),
        usd_text(seen, largest),
        round(100 * share, 1),
        percent_text(share) if charged > 0 else NOTHING,
        usd_text(billed - seen, largest),
        percent_text((billed - seen) / billed) if billed else "",
    )


def _billed(row: Mapping[str, Any]) -> int:
    return int(row["billed_nano_usd"] + row["other_nano_usd"])


def _added(pairs: Sequence[Pair]) -> Pair:
    first, *others = pairs
    for other in others:
        first = Pair(
            first.now._replace(
                tokens=first.now.tokens.plus(other.now.tokens), nano_usd=first.now.nano_usd + other.now.nano_usd
            ),
            first.before._replace(nano_usd=first.before.nano_usd + other.before.nano_usd),
        )
    return first


def _price(pair: Pair) -> str:
    tokens = pair.now.tokens.total
    return usd_text(pair.now.nano_usd * MILLION / tokens) if tokens else NOTHING


def _cached(pair: Pair) -> str:
    tokens = pair.now.tokens
    read = tokens.input_uncached + tokens.cache_read + tokens.cache_write
    return percent_text(tokens.cache_read / read) if read else NOTHING
