"""Assigns token events to windows, and computes how windows change with new events or better evidence."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from vocabulary.basis import Basis
from vocabulary.tokens import TokenCounts
from workers.attribution.model import Evidence

# Number of team, hour and dimension sets whose digest prefix is cached.
LIKE_HOURS = 4096


class Dimensions(NamedTuple):
    """What a window separates besides team, hour and evidence; empty if unknown.

    `size_from` is the number of input tokens from which the price of its requests holds, 0 for the usual price.
    """

    source: str
    provider: str
    model: str
    context_tier: str
    workflow: str
    prompt_template: str
    service_tier: str = ""
    guardrail: str = ""
    size_from: int = 0


class Surcharges(NamedTuple):
    """What decides money beside the five kinds: tokens written for an hour, and what is charged by piece."""

    cache_write_1h: int = 0
    web_searches: int = 0
    code_executions: int = 0
    piece_cost_nano_usd: int = 0

    def plus(self, more: "Surcharges", sign: int = 1) -> "Surcharges":
        """Add, or subtract with a negative sign."""
        return Surcharges(*(mine + sign * each for mine, each in zip(self, more, strict=True)))


NO_SURCHARGES = Surcharges()


class Amounts(NamedTuple):
    """What events add to a window. `duration_ms` is the total of the `timed` requests, whose duration is known."""

    requests: int
    tokens: TokenCounts
    cost_nano_usd: int = 0
    unpriced_tokens: int = 0
    failed: int = 0
    timed: int = 0
    duration_ms: int = 0
    surcharges: Surcharges = NO_SURCHARGES


class EventGroup(NamedTuple):
    """Events that would share one window without further evidence of their session, between two instants."""

    team_id: int
    hour: datetime
    dimensions: Dimensions
    session: bytes | None
    evidence: Evidence
    first: datetime
    last: datetime
    amounts: Amounts


class Place(NamedTuple):
    """A window: its key, dimensions, evidence, and the basis of its tokens."""

    team_id: int
    hour: datetime
    window_id: bytes
    dimensions: Dimensions
    evidence: Evidence
    basis: Basis = Basis.MEASURED


@dataclass(slots=True)
class Change:
    """An addition to one window, negative for a removal. The fields after `place` are those of `Amounts`."""

    place: Place
    requests: int = 0
    tokens: TokenCounts = field(default_factory=TokenCounts)
    cost_nano_usd: int = 0
    unpriced_tokens: int = 0
    failed_requests: int = 0
    timed_requests: int = 0
    duration_ms: int = 0
    surcharges: Surcharges = NO_SURCHARGES

    def add(self, amounts: Amounts) -> None:
        """Add events."""
        self._count(amounts, 1)

    def take(self, amounts: Amounts) -> None:
        """Remove events."""
        self._count(amounts, -1)

    @property
    def is_nothing(self) -> bool:
        """Whether additions and removals cancel out."""
        return not (
            self.requests
            or any(self.tokens)
            or self.cost_nano_usd
            or self.unpriced_tokens
            or self.failed_requests
            or self.timed_requests
            or self.duration_ms
            or any(self.surcharges)
        )

    def _count(self, amounts: Amounts, sign: int) -> None:
        self.tokens = self.tokens.plus(amounts.tokens) if sign > 0 else self.tokens.minus(amounts.tokens)
        self.requests += sign * amounts.requests
        self.cost_nano_usd += sign * amounts.cost_nano_usd
        self.unpriced_tokens += sign * amounts.unpriced_tokens
        self.failed_requests += sign * amounts.failed
        self.timed_requests += sign * amounts.timed
        self.duration_ms += sign * amounts.duration_ms
        if any(amounts.surcharges):
            self.surcharges = self.surcharges.plus(amounts.surcharges, sign)


class Move(NamedTuple):
    """Events with the evidence they counted under before and count under now; None if they did or do not count."""

    group: EventGroup
    before: Evidence | None
    after: Evidence | None


def window(
    team_id: int, hour: datetime, dimensions: Dimensions, evidence: Evidence, basis: Basis = Basis.MEASURED
) -> Place:
    """Return the window of a team's UTC hour; tokens that are not measured have separate windows."""
    parts = [_beginning(team_id, hour, dimensions), _named(evidence)]
    if basis is not Basis.MEASURED:
        parts.append(_sized(basis.encode()))
    return Place(team_id, hour, hashlib.sha256(b"".join(parts)).digest(), dimensions, evidence, basis)


def add_up(moves: Iterable[Move]) -> list[Change]:
    """Sum the moves by window, in key order so that writers do not deadlock."""
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
                # Most windows have a single group.
                changes[key] = Change(window(*key), *group.amounts)
    return sorted((change for change in changes.values() if not change.is_nothing), key=_key)


def _key(change: Change) -> tuple[int, datetime, bytes]:
    return change.place.team_id, change.place.hour, change.place.window_id


@lru_cache(LIKE_HOURS)
def _beginning(team_id: int, hour: datetime, dimensions: Dimensions) -> bytes:
    """Return the digest prefix that many windows of an hour share."""
    *named, service_tier, guardrail, size_from = dimensions
    parts = [str(team_id), hour.isoformat(), *map(str, named)]
    if service_tier or size_from:
        parts.append(f"{service_tier}/{size_from}")
    if guardrail:
        parts.append(f"guardrail {guardrail}")
    return b"".join(_sized(part.encode()) for part in parts)


@lru_cache(LIKE_HOURS)
def _named(evidence: Evidence) -> bytes:
    """Return the digest part that windows of the same evidence share."""
    return b"".join(_sized(known or b"") for known in evidence)


def _sized(part: bytes) -> bytes:
    """Prefix a part with its length, so that neighbouring parts stay distinct."""
    return len(part).to_bytes(4, "big") + part
