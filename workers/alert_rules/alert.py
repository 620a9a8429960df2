"""An alert, and which alerts are news."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from vocabulary.causes.split import Causes

WHOLE_ORGANIZATION: Final = 0
ORGANIZATION: Final = "organization"
# What was not seen for so many days is news again.
QUIET: Final = timedelta(days=14)
# Rises that began within so many days of a rise of everything are part of it.
SAME_RISE: Final = timedelta(days=7)


class Kind(StrEnum):
    """What raises an alert."""

    RISE = "rise"
    REASONING_SHARE = "reasoning_share"
    INPUT_GROWTH = "input_growth"
    CACHE_SHARE = "cache_share"
    LINKED_SHARE = "linked_share"
    POLICY = "policy"
    SILENCE = "silence"
    BUDGET = "budget"


# What one model or prompt version can cause at once.
USE: Final = frozenset({Kind.RISE, Kind.REASONING_SHARE, Kind.INPUT_GROWTH, Kind.CACHE_SHARE, Kind.LINKED_SHARE})
# Where an alert of everything speaks for each of its teams.
WHOLES: Final = frozenset({Kind.REASONING_SHARE, Kind.CACHE_SHARE, Kind.LINKED_SHARE, Kind.SILENCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something about spend that somebody should see.

    `usual_nano_usd` and `spent_nano_usd` are sums from the first to the last day, or a budget and what is spent or
    expected of it. `before` and `after` are the share, or the tokens of a request, that shifted. `causes` split a rise.
    """

    kind: Kind
    subject: str
    team_id: int
    began_on: date
    found_on: date
    usual_nano_usd: int
    spent_nano_usd: int
    sentence: str
    link: str
    cause: str | None = None
    before: float | None = None
    after: float | None = None
    causes: Causes | None = None


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """An alert that was raised; `seen_on` is the last day on which it held."""

    alert_id: int
    kind: str
    subject: str
    team_id: int
    cause: str | None
    began_on: date
    seen_on: date
    state: str
    snoozed_to: date | None


def speaks_for(known: KnownAlert, alert: Alert) -> bool:
    """Return whether a known alert already says what this one would: the same subject, or the same cause."""
    if (known.kind, known.subject, known.team_id) == (alert.kind, alert.subject, alert.team_id):
        if alert.kind is Kind.BUDGET:
            return known.began_on == alert.began_on or _is_silenced(known, alert.found_on)
        return _is_recent(known, alert.found_on) or _is_silenced(known, alert.found_on)
    return _is_recent(known, alert.found_on) and _have_one_cause(known, alert)


def _have_one_cause(known: KnownAlert, alert: Alert) -> bool:
    shared = _named(known.subject, known.cause) & _named(alert.subject, alert.cause)
    if known.kind == alert.kind:
        if alert.kind is Kind.RISE:
            of_everything = any(each.subject == ORGANIZATION and not each.cause for each in (known, alert))
            return bool(shared) or (of_everything and abs(known.began_on - alert.began_on) <= SAME_RISE)
        is_whole = alert.kind in WHOLES and ORGANIZATION in {known.subject, alert.subject}
        return is_whole or (alert.kind in USE and any(map(_is_thing, shared)))
    # A new model may raise spend and the share of reasoning at once; a team may have several troubles.
    return known.kind in USE and alert.kind in USE and any(map(_is_thing, shared))


def _named(subject: str, cause: str | None) -> set[str]:
    return {subject, cause or subject} - {ORGANIZATION}


def _is_thing(name: str) -> bool:
    return name.startswith(("model ", "prompt "))


def _is_recent(known: KnownAlert, day: date) -> bool:
    return known.seen_on > day - QUIET


def _is_silenced(known: KnownAlert, day: date) -> bool:
    return known.state == "muted" or (known.snoozed_to is not None and known.snoozed_to >= day)


def sort_out(alerts: Iterable[Alert], known: Sequence[KnownAlert]) -> tuple[list[Alert], set[int]]:
    """Return the alerts that are news, of each cause the first, and the ids of known alerts that still hold."""
    news: list[Alert] = []
    holding: set[int] = set()
    for alert in alerts:
        speaking = [each.alert_id for each in known if speaks_for(each, alert)]
        holding.update(speaking)
        if not speaking and not any(speaks_for(each, alert) for each in _as_known(news)):
            news.append(alert)
    return news, holding


def _as_known(news: Sequence[Alert]) -> Iterator[KnownAlert]:
    for each in news:
        yield KnownAlert(
            0, each.kind, each.subject, each.team_id, each.cause, each.began_on, each.found_on, "open", None
        )
