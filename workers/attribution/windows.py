"""Which window a token event counts in, and how windows change when events come or learn of better evidence."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from schema.basis import Basis
from schema.tokens import TokenCounts
from workers.attribution.model import Evidence

# Teams, hours and dimensions of which the beginning of a window's digest is kept.
LIKE_HOURS = 4096


class Dimensions(NamedTuple):
    """What a window tells apart beside team, hour and evidence; empty where it is not known."""

    source: str
    provider: str
    model: str
    context_tier: str
    workflow: str
    prompt_template: str


class Amounts(NamedTuple):
    """What events add to a window. `duration_ms` is that of all `timed` requests, those which told theirs."""

    requests: int
    tokens: TokenCounts
    cost_nano_usd: int = 0
    unpriced_tokens: int = 0
    failed: int = 0
    timed: int = 0
    duration_ms: int = 0


class EventGroup(NamedTuple):
    """Events that one window would hold if their session told nothing more, from the first instant to the last."""

    team_id: int
    hour: datetime
    dimensions: Dimensions
    session: bytes | None
    evidence: Evidence
    first: datetime
    last: datetime
    amounts: Amounts


class Place(NamedTuple):
    """One window: its key, its dimensions, its evidence, and how its tokens are known."""

    team_id: int
    hour: datetime
    window_id: bytes
    dimensions: Dimensions
    evidence: Evidence
    basis: Basis = Basis.MEASURED


@dataclass(slots=True)
class Change:
    """What is added to one window; negative for what is taken from it. After the place come the fields of `Amounts`."""

    place: Place
    requests: int = 0
    tokens: TokenCounts = field(default_factory=TokenCounts)
    cost_nano_usd: int = 0
    unpriced_tokens: int = 0
    failed_requests: int = 0
    timed_requests: int = 0
    duration_ms: int = 0

    def add(self, amounts: Amounts) -> None:
        """Let these events count here."""
        self._count(amounts, 1)

    def take(self, amounts: Amounts) -> None:
        """Let these events no longer count here."""
        self._count(amounts, -1)

    @property
    def is_nothing(self) -> bool:
        """Whether what was added and what was taken are the same."""
        return not (
            self.requests
            or any(self.tokens)
            or self.cost_nano_usd
            or self.unpriced_tokens
            or self.failed_requests
            or self.timed_requests
            or self.duration_ms
        )

    def _count(self, amounts: Amounts, sign: int) -> None:
        self.tokens = self.tokens.plus(amounts.tokens) if sign > 0 else self.tokens.minus(amounts.tokens)
        self.requests += sign * amounts.requests
        self.cost_nano_usd += sign * amounts.cost_nano_usd
        self.unpriced_tokens += sign * amounts.unpriced_tokens
        self.failed_requests += sign * amounts.failed
        self.timed_requests += sign * amounts.timed
        self.duration_ms += sign * amounts.duration_ms


class Move(NamedTuple):
    """Events that are to count under an evidence, and the one that they counted under before; None where nowhere."""

    group: EventGroup
    before: Evidence | None
    after: Evidence | None


def window(
    team_id: int, hour: datetime, dimensions: Dimensions, evidence: Evidence, basis: Basis = Basis.MEASURED
) -> Place:
    """The window of a team's UTC hour; tokens that are known otherwise than measured have windows of their own."""
    parts = [_beginning(team_id, hour, dimensions), _named(evidence)]
    if basis is not Basis.MEASURED:
        parts.append(_sized(basis.encode()))
    return Place(team_id, hour, hashlib.sha256(b"".join(parts)).digest(), dimensions, evidence, basis)


def add_up(moves: Iterable[Move]) -> list[Change]:
    """The changes of all windows that the moves touch, in the order of their keys, so that no two writers cross."""
    changes: dict[tuple[int, datetime, Dimensions, Evidence], Change] = {}
    for group, before, after in moves:
        if before is not None:
            key = group.team_id, group.hour, group.dimensions, before
            if key not in changes:
                changes[key] = Change(window(*key))
            changes[key].take(group.amounts)
        if after is not None:
            key = group.team_id, group.hour, group.dimensions, after
            if key in changes:
                changes[key].add(group.amounts)
            else:
                # Most windows are of one group.
                changes[key] = Change(window(*key), *group.amounts)
    return sorted((change for change in changes.values() if not change.is_nothing), key=_key)


def _key(change: Change) -> tuple[int, datetime, bytes]:
    return change.place.team_id, change.place.hour, change.place.window_id


@lru_cache(LIKE_HOURS)
def _beginning(team_id: int, hour: datetime, dimensions: Dimensions) -> bytes:
    """What many windows of an hour have in common."""
    parts = (str(team_id), hour.isoformat(), *dimensions)
    return b"".join(_sized(part.encode()) for part in parts)


@lru_cache(LIKE_HOURS)
def _named(evidence: Evidence) -> bytes:
    """What the windows of one piece of work have in common, whatever models and hours it took."""
    return b"".join(_sized(known or b"") for known in evidence)


def _sized(part: bytes) -> bytes:
    """A part with its length, which keeps neighbouring ones from running into each other."""
    return len(part).to_bytes(4, "big") + part
