"""Figures of the API as people read them in a terminal of 80 columns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from service.cli.short_numbers import CENT, MINUS, NOTHING, short_count, short_usd
from vocabulary.reliability import remedy_text
from vocabulary.tokens import nano_usd

NAMES = {"repository": "repository", "cohort": "team and hour"}
# Longer names would not fit beside other columns.
LONGEST_NAME = 30


def money(usd: str | None) -> str:
    """Return dollars and cents of a decimal string; a dash without one."""
    return NOTHING if usd is None else short_usd(nano_usd(Decimal(usd)))


def signed_money(usd: str) -> str:
    """Return a difference in dollars with its sign; a dash below one cent."""
    nano = nano_usd(Decimal(usd))
    return NOTHING if abs(nano) < CENT else f"{'+' if nano > 0 else MINUS}{short_usd(abs(nano))}"


def tokens(count: int | None) -> str:
    """Return a short number of tokens; a dash without one."""
    return NOTHING if count is None else short_count(count)


def pull_requests(number: int) -> str:
    """Return a number with its noun."""
    return f"{number:,} pull request{'' if number == 1 else 's'}"


def short_name(name: str, longest: int = LONGEST_NAME) -> str:
    """Return the end of a name that would not fit beside other columns."""
    return name if len(name) <= longest else f"…{name[1 - longest :]}"


def evidence_line(shares: Mapping[str, float]) -> str:
    """Return the shares of evidence, largest first; empty without tokens."""
    found = sorted(((share, kind) for kind, share in shares.items() if share > 0), reverse=True)
    return ", ".join(f"{NAMES.get(kind, kind)} {100 * share:.0f} %" for share, kind in found)


def certainty_lines(item: Mapping[str, Any]) -> list[str]:
    """Return what is known of the certainty of a figure."""
    lines = []
    if interval := item["interval"]:
        low, high = tokens(interval["low"]), tokens(interval["high"])
        if low != high:
            probability = f"{100 * interval['coverage']:.0f} %"
            lines.append(f"  with {probability} probability {low} \N{EN DASH} {high} tokens")
    if not item["reliable"] and item["tokens"]["total"]:
        reasons = remedy_text(item.get("unreliable_because") or ())
        lines.append(f"  an estimate: {reasons}" if reasons else "  an estimate")
    return lines


def day(instant: str) -> str:
    """Return the UTC day of an RFC 3339 time: `18 Nov 2026`."""
    when = datetime.fromisoformat(instant)
    return f"{when.day} {when:%b %Y}"


def columns(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Align rows: the first column to the left, numbers to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        (
            indent
            + "  ".join(
                cell.ljust(width) if number == 0 else cell.rjust(width)
                for number, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        ).rstrip()
        for row in rows
    ]


def model_lines(item: Mapping[str, Any]) -> list[str]:
    """Return the tokens and cost by model, dearest first."""
    models = sorted(item["by_model"], key=lambda each: -Decimal(each["cost_usd"]))
    return columns([[each["model"], tokens(each["tokens"]["total"]), money(each["cost_usd"])] for each in models])
