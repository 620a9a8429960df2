"""The digest of a week: what was spent, why it changed, what was dearest, and what is not sure. Pure.

It names pull requests as the organization shows them, and neither teams nor people.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from vocabulary.causes.sentence import Change, change_sentence
from vocabulary.causes.words import money
from vocabulary.intervals import RELIABLE_SHARE

WEEK = timedelta(days=7)
# By then a week is settled.
SETTLING = timedelta(hours=8)


class Dear(NamedTuple):
    """A merged pull request: its label or the beginning of its id, what it cost, and whether that stands alone."""

    name: str
    nano_usd: int
    is_reliable: bool


class Week(NamedTuple):
    """What is known of a week; `unreliable` are the merged pull requests whose cost is an estimate."""

    monday: date
    changes: Sequence[Change]
    tokens: int
    linked_tokens: int
    merged: int
    merged_nano_usd: int
    unreliable: int
    dearest: Sequence[Dear]
    is_settled: bool


class Digest(NamedTuple):
    """The digest in words; `path` is the page that shows the week."""

    title: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    path: str


def last_full_week(now: datetime) -> date:
    """Return the Monday of the last full week (UTC) that has had time to settle."""
    day = (now - SETTLING).date()
    return day - timedelta(days=day.weekday()) - WEEK


def digest_of(week: Week) -> Digest:
    """Return the digest of a week."""
    sunday = week.monday + WEEK - timedelta(days=1)
    spent = sum(each.after for each in week.changes)
    merged = f"{week.merged:,} for {money(week.merged_nano_usd, week.merged_nano_usd)}" if week.merged else "0"
    facts = {
        "Spent": money(spent, spent),
        "Merged pull requests": merged,
        "Dearest": ", ".join(map(_dear, week.dearest)),
        "Certainty": _certainty(week),
    }
    return Digest(
        title=f"Week of {week.monday.day} {week.monday:%B %Y}",
        sentence=change_sentence(week.changes),
        facts=tuple((name, value) for name, value in facts.items() if value),
        path=f"/?period={week.monday}..{sunday}",
    )


def _dear(pull_request: Dear) -> str:
    doubt = "" if pull_request.is_reliable else " (estimate)"
    return f"{pull_request.name} {money(pull_request.nano_usd, pull_request.nano_usd)}{doubt}"


def _certainty(week: Week) -> str:
    parts = []
    if week.tokens:
        parts.append(f"{100 * week.linked_tokens / week.tokens:.0f} % of the tokens are linked to a pull request")
    if week.unreliable:
        few = f"less than {100 * RELIABLE_SHARE:.0f} % of their tokens are linked"
        parts.append(
            f"the cost of {week.unreliable:,} of {week.merged:,} merged pull requests is an estimate, as {few}"
        )
    if not week.is_settled:
        parts.append("some days are not settled yet, so these figures will change")
    return "; ".join(parts)
