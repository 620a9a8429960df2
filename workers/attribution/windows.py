"""Which window a token event counts in, and how windows change when events come or learn of better evidence."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from schema.basis import Basis
from schema.tokens import TokenCounts
from workers.attribution.model import Evidence


class Dimensions(NamedTuple):
    """What a window tells apart beside team, hour and evidence; empty where it is not known."""

    source: str
    provider: str
    model: str
    context_tier: str
    workflow: str
    prompt_template: str


@dataclass(frozen=True, slots=True)
class TokenEvent:
    """One model request as stored; `window_id` is where it counts already, at the cost that it was given then."""

    event_id: bytes
    team_id: int
    occurred_at: datetime
    dimensions: Dimensions
    tokens: TokenCounts
    evidence: Evidence
    session: bytes | None = None
    window_id: bytes | None = None
    cost_nano_usd: int = 0

    @property
    def hour(self) -> datetime:
        """The UTC hour it happened in."""
        return self.occurred_at.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Place:
    """One window: its key, its dimensions, its evidence, and how its tokens are known."""

    team_id: int
    hour: datetime
    window_id: bytes
    dimensions: Dimensions
    evidence: Evidence
    basis: Basis = Basis.MEASURED


@dataclass(slots=True)
class Change:
    """What is added to one window; negative for what is taken from it."""

    place: Place
    requests: int = 0
    tokens: TokenCounts = field(default_factory=TokenCounts)
    cost_nano_usd: int = 0
    unpriced_tokens: int = 0


class Move(NamedTuple):
    """An event that is to count in another window than before, or in its first one; price None is an unknown one."""

    event: TokenEvent
    place: Place
    price: int | None


def place(event: TokenEvent, evidence: Evidence) -> Place:
    """The window of an event with that evidence; equal hours, dimensions and evidence share one."""
    return window(event.team_id, event.hour, event.dimensions, evidence)


def window(
    team_id: int, hour: datetime, dimensions: Dimensions, evidence: Evidence, basis: Basis = Basis.MEASURED
) -> Place:
    """The window of a team's UTC hour; tokens that are known otherwise than measured have windows of their own."""
    digest = hashlib.sha256()
    for part in _parts(team_id, hour, dimensions, evidence, basis):
        # Lengths keep neighbouring parts from running into each other.
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return Place(team_id, hour, digest.digest(), dimensions, evidence, basis)


def add_up(moves: Iterable[Move]) -> list[Change]:
    """The changes of all windows that the moves touch, in the order of their keys, so that no two writers cross."""
    changes: dict[tuple[int, datetime, bytes], Change] = {}
    for move in moves:
        event = move.event
        if event.window_id is not None:
            left = Place(event.team_id, event.hour, event.window_id, event.dimensions, event.evidence)
            _count(changes, left, move, -1)
        _count(changes, move.place, move, 1)
    return [changes[key] for key in sorted(changes)]


def _count(changes: dict[tuple[int, datetime, bytes], Change], window: Place, move: Move, sign: int) -> None:
    change = changes.setdefault((window.team_id, window.hour, window.window_id), Change(window))
    if sign > 0:
        change.place = window  # an event that leaves does not know the evidence of the window it leaves
    tokens = move.event.tokens
    change.requests += sign
    change.tokens = change.tokens.plus(tokens) if sign > 0 else change.tokens.minus(tokens)
    change.cost_nano_usd += sign * (move.price or 0)
    change.unpriced_tokens += sign * (tokens.total if move.price is None else 0)


def _parts(team_id: int, hour: datetime, dimensions: Dimensions, evidence: Evidence, basis: Basis) -> Iterable[bytes]:
    yield str(team_id).encode()
    yield hour.isoformat().encode()
    for dimension in dimensions:
        yield dimension.encode()
    for known in (evidence.artifact, evidence.number, evidence.commit, evidence.branch, evidence.repository):
        yield known or b""
    if basis is not Basis.MEASURED:
        yield basis.encode()
