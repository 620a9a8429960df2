"""Contributions to windows of tokens known only as sums, and how windows change when the sums do."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeAlias

from vocabulary.basis import Basis
from vocabulary.tokens import TokenCounts
from workers.attribution.model import Evidence
from workers.attribution.windows import NO_SURCHARGES, Change, Dimensions, Place, Surcharges, window

# Team, hour (UTC) and window id.
WindowKey: TypeAlias = tuple[int, datetime, bytes]


@dataclass(frozen=True, slots=True)
class DerivedTokens:
    """Tokens of a team's UTC hour; `requests` is 0 when unknown."""

    team_id: int
    hour: datetime
    dimensions: Dimensions
    basis: Basis
    tokens: TokenCounts
    requests: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    surcharges: Surcharges = NO_SURCHARGES

    def __post_init__(self) -> None:
        """Validate; raises ValueError for a partial hour, negative counts, or measured tokens."""
        if self.hour.utcoffset() is None or (self.hour.minute, self.hour.second, self.hour.microsecond) != (0, 0, 0):
            raise ValueError("derived tokens must cover a whole hour")
        if min(*self.tokens, self.requests) < 0:
            raise ValueError("derived tokens must not be negative")
        if self.basis is Basis.MEASURED:
            raise ValueError("measured tokens must arrive as token events")


def contributions(
    rows: Iterable[DerivedTokens], price: Callable[[DerivedTokens], tuple[int, int] | None]
) -> dict[WindowKey, Change]:
    """Return what the rows add to their windows.

    `price` returns nano-USD and the part that is charged by piece, or None for what has no price.
    """
    found: dict[WindowKey, Change] = {}
    for row in rows:
        if not (row.tokens.total or row.requests):
            continue
        hour = row.hour.astimezone(UTC)
        place = window(row.team_id, hour, row.dimensions, row.evidence, row.basis)
        change = found.setdefault(key_of(place), Change(place))
        priced = price(row)
        cost, by_piece = priced or (0, 0)
        change.requests += row.requests
        change.tokens = change.tokens.plus(row.tokens)
        change.cost_nano_usd += cost
        change.unpriced_tokens += row.tokens.total if priced is None else 0
        change.surcharges = change.surcharges.plus(row.surcharges._replace(piece_cost_nano_usd=by_piece))
    return found


def difference(before: Mapping[WindowKey, Change], after: Mapping[WindowKey, Change]) -> list[Change]:
    """Return the changes of windows, in key order so that writers do not deadlock; empty when nothing differs."""
    changes = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        known = new or old
        assert known is not None, "the key is of one of them"
        old, new = old or Change(known.place), new or Change(known.place)
        change = replace(
            new,
            requests=new.requests - old.requests,
            tokens=new.tokens.minus(old.tokens),
            cost_nano_usd=new.cost_nano_usd - old.cost_nano_usd,
            unpriced_tokens=new.unpriced_tokens - old.unpriced_tokens,
            surcharges=new.surcharges.plus(old.surcharges, -1),
        )
        if change != Change(change.place):
            changes.append(change)
    return changes


def key_of(place: Place) -> WindowKey:
    """Return the key of a window."""
    return place.team_id, place.hour, place.window_id
