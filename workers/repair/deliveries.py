"""Finds a hook's missed deliveries in the forge's list of attempts, and those due for a resend. Pure.

GitHub never retries by itself. All attempts of a delivery share its GUID, and it can be redelivered for three days, on
an Enterprise Server for seven.
https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

REDELIVERABLE = timedelta(days=3)
REDELIVERABLE_BY_SERVER = timedelta(days=7)

# Doubled after each further request, because a long failure rarely ends soon.
FIRST_PAUSE = timedelta(minutes=5)

# The list may lag behind attempts.
OVERLAP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A listed delivery attempt; `reference` is the hook and the delivery's GUID."""

    reference: str
    number: int
    at: datetime
    is_redelivery: bool
    has_succeeded: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """A delivery without a successful attempt: its newest attempt, and when it was first tried.

    `requests` counts resend requests since.
    """

    reference: str
    number: int
    missed_at: datetime
    requests: int = 0
    requested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Missing deliveries, formerly missing ones that arrived, and how far the list was read."""

    missing: list[Missed]
    arrived: list[str]
    read_to: datetime | None


def judge(attempts: Iterable[Attempt], known: Mapping[str, Missed], read_to: datetime | None) -> Judgement:
    """Judge a list of attempts that reaches back to the last read; `known` were missing then.

    A redelivery whose first attempt is neither listed nor known to be missing belongs to a delivery that arrived.
    """
    newest: dict[str, Attempt] = {}
    first: dict[str, Attempt] = {}
    succeeded: set[str] = set()
    for attempt in attempts:
        reference = attempt.reference
        read_to = attempt.at if read_to is None else max(read_to, attempt.at)
        if attempt.has_succeeded:
            succeeded.add(reference)
        if reference not in newest or attempt.number > newest[reference].number:
            newest[reference] = attempt
        if not attempt.is_redelivery:
            first[reference] = attempt
    missing = [
        _missed(known.get(reference), attempt, first.get(reference))
        for reference, attempt in newest.items()
        if reference not in succeeded and (reference in first or reference in known)
    ]
    return Judgement(missing, sorted(succeeded & known.keys()), read_to)


def due_for_resend(
    missed: Iterable[Missed], now: datetime, lifetime: timedelta, places: Collection[str]
) -> Iterator[Missed]:
    """Yield deliveries to request now: the forge still has them, and the last request is long enough ago.

    `places` are the known hooks.
    """
    for each in missed:
        is_due = each.requested_at is None or each.requested_at + FIRST_PAUSE * 2.0 ** (each.requests - 1) <= now
        if is_due and each.missed_at + lifetime > now and hook_of(each.reference) in places:
            yield each


def hook_of(reference: str) -> str:
    """Return the hook in a reference."""
    return reference.partition("/")[0]


def _missed(known: Missed | None, newest: Attempt, first: Attempt | None) -> Missed:
    if known is not None:
        return Missed(known.reference, newest.number, known.missed_at, known.requests, known.requested_at)
    return Missed(newest.reference, newest.number, (first or newest).at)
