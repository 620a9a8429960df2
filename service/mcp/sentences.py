"""Answers of the REST API as one sentence each. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from service.dashboard.numbers.units import count_text, percent_text, signed, usd_text
from service.mcp.certainty import certainty, linked_share
from vocabulary.tokens import nano_usd

# As many groups as a sentence names.
MOST_NAMES = 5
STATES = {"open": "open", "abandoned": "closed without a merge"}
UNSETTLED = "some days are still being settled, so these figures will change"


def money(usd: str) -> str:
    """Return the dollars of a decimal string."""
    return usd_text(nano_usd(Decimal(usd)))


def change_of_money(usd: str) -> str:
    """Return a difference in dollars with its sign."""
    nano = nano_usd(Decimal(usd))
    return signed(nano, usd_text(nano))


def days(first: str | None, last: str | None) -> str:
    """Return a period: `1 November to 30 November 2026`."""
    if first is None or last is None:
        return "in all time"
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    year = "" if start.year == end.year else f" {start.year}"
    return f"{start.day} {start:%B}{year} to {end.day} {end:%B} {end.year}"


def joined(parts: Sequence[str | None]) -> str:
    """Return the parts that exist as one sentence."""
    return "; ".join(part for part in parts if part) + "."


def pull_request(item: Mapping[str, Any], name: str) -> str:
    """Say what a pull request cost, and how sure that is."""
    merged = item["merged_at"] and f"merged on {_day(item['merged_at'])}"
    state = merged or STATES.get(item["state"], item["state"])
    reverted = item["outcomes"]["reverted_at"]
    return joined(
        [
            f"{item['label'] or name} ({state}, team {item['team']}) cost {_cost(item)}",
            certainty(item),
            reverted and f"it was reverted on {_day(reverted)}",
        ]
    )


def release(item: Mapping[str, Any], name: str) -> str:
    """Say what a release cost, and how sure that is."""
    released, number, fixed = _day(item["released_at"]), item["pull_requests"], item["fix_released_at"]
    cost = f"cost {_cost(item)} in {_pull_requests(number)}"
    return joined(
        [
            f"{item['label'] or name} (released on {released}, team {item['team']}) {cost}",
            certainty(item),
            fixed and f"a fix release followed on {_day(fixed)}",
        ]
    )


def spend(answer: Mapping[str, Any], group_by: str) -> str:
    """Say what a period cost, what changed, and which groups cost most."""
    period = days(answer["first_day"], answer["last_day"])
    if (total := answer["total"]) is None:
        return f"{period}: the figures of this team are withheld because it is small."
    figures, change = total["figures"], total["change"]
    shown = [item for item in answer["items"] if item["figures"]]
    shown.sort(key=lambda item: -Decimal(item["figures"]["cost_usd"]))
    named = ", ".join(f"{_group(item, group_by)} {money(item['figures']['cost_usd'])}" for item in shown[:MOST_NAMES])
    withheld = len(answer["items"]) - len(shown)
    return joined(
        [
            f"{period}: {money(figures['cost_usd'])} for {count_text(figures['tokens']['total'])} tokens",
            change and f"{change_of_money(change['cost_usd'])} {_compared(answer['compared_with'])}",
            f"by {group_by}: {named}" if named else None,
            f"{withheld} withheld because they are small" if withheld else None,
            None if answer["settled"] else UNSETTLED,
        ]
    )


def merged(answer: Mapping[str, Any], group_by: str) -> str:
    """Say what a merged pull request cost in each group."""
    items = answer["items"]
    if not items:
        return "Nothing was merged in this period."
    known = [item for item in items if item["cost_per_merged_pr_usd"] is not None]
    known.sort(key=lambda item: -Decimal(item["cost_per_merged_pr_usd"]))
    named = [
        f"{_group(item, group_by)} {money(item['cost_per_merged_pr_usd'])} in "
        f"{_pull_requests(item['merged_pull_requests'])}"
        for item in known[:MOST_NAMES]
    ]
    withheld = sum(item["withheld_reason"] is not None for item in items)
    return joined(
        [
            f"Cost of a merged pull request by {group_by}: {', '.join(named) or 'not known'}",
            f"{withheld} withheld because they are small" if withheld else None,
        ]
    )


def dearest(items: Sequence[Mapping[str, Any]], noun: str) -> str:
    """Name the dearest pull requests or releases, with those that are estimates."""
    if not items:
        return f"No {noun} matches."
    return f"The dearest {noun}s: {', '.join(map(_priced, items[:MOST_NAMES]))}."


def sureness(answer: Mapping[str, Any]) -> str:
    """Say how far the figures of a period can be trusted."""
    evidence = answer["evidence"]
    if reason := answer["withheld_reason"]:
        return f"Withheld: {reason}."
    if evidence is None:
        return "No tokens are settled in this period, so nothing can be said about them yet."
    billed, priced, lag = answer["billed_share"], answer["priced_share"], answer["intake_lag_seconds"]
    linked, unlinked = percent_text(linked_share(evidence)), percent_text(evidence["overhead"])
    split = percent_text(evidence["repository"] + evidence["cohort"])
    doubled = [each["source"] for each in answer["layers"]["double_counting"]]
    return joined(
        [
            f"{linked} of the tokens are linked to a pull request",
            f"{split} are split by repository or by team and hour, and {unlinked} belong to no pull request",
            None if priced is None else f"{percent_text(priced)} have a price",
            "there are no bills to compare with"
            if billed is None
            else f"telemetry saw {percent_text(billed)} of the billed tokens",
            lag and f"half of the tokens arrive within {lag['median']:.0f} seconds",
            f"these may count twice: {', '.join(doubled)}" if doubled else None,
        ]
    )


def forecast(items: Sequence[Mapping[str, Any]], team: str | None) -> str:
    """Say what will be spent by the end of the month, and whether the budget holds."""
    wanted = [each for each in items if each["team"] == team and each["of_model"] is None and each["period"] == "month"]
    if not wanted:
        return "There is no forecast for this month yet: it needs four weeks of history."
    (found, *_) = wanted
    if reason := found["withheld_reason"]:
        return f"Withheld: {reason}."
    budget, exceeded = found["budget_usd"], found["exceeded_on"]
    spent, likely, low, high = (money(found[f"{name}_usd"]) for name in ("spent", "likely", "low", "high"))
    return joined(
        [
            f"{team or 'The organization'} spent {spent} this month",
            f"it will likely be {likely}, and with {percent_text(0.8)} probability between {low} and {high}",
            f"the budget is {money(budget)}" if budget else "no budget is set",
            exceeded and f"it is likely exceeded on {_day(exceeded)}",
        ]
    )


def alerts(items: Sequence[Mapping[str, Any]]) -> str:
    """Say what is unusual, the newest first."""
    if not items:
        return "No alert matches."
    first = str(items[0]["sentence"]).rstrip(".")
    more = len(items) - 1
    return f"{first}; {more} more alert{'' if more == 1 else 's'}." if more else f"{first}."


def ledger(answer: Mapping[str, Any]) -> str:
    """Say where all tokens of a period went."""
    if reason := answer["withheld_reason"]:
        return f"Withheld: {reason}."
    parts = {
        "merged": "on merged pull requests",
        "in_flight": "on open ones",
        "abandoned": "on abandoned ones",
        "overhead": "on no pull request",
        "pending": "not settled yet",
    }
    named = ", ".join(f"{money(answer[part]['cost_usd'])} {text}" for part, text in parts.items())
    return f"{money(answer['received']['cost_usd'])} were spent: {named}."


def _compared(span: Mapping[str, str]) -> str:
    return f"compared with {days(span['first_day'], span['last_day'])}"


def _group(item: Mapping[str, Any], group_by: str) -> str:
    return " / ".join(item[name.strip()] or "none" for name in group_by.split(","))


def _priced(item: Mapping[str, Any]) -> str:
    name, doubt = item["label"] or item["artifact_id"][:11], "" if item["reliable"] else " (estimate)"
    return f"{name} {money(item['cost_usd'])}{doubt}"


def _cost(item: Mapping[str, Any]) -> str:
    return f"{money(item['cost_usd'])} for {count_text(item['tokens']['total'])} tokens"


def _pull_requests(number: int) -> str:
    return f"{number:,} pull request{'' if number == 1 else 's'}"


def _day(instant: str) -> str:
    when = datetime.fromisoformat(instant)
    return f"{when.day} {when:%B %Y}"
