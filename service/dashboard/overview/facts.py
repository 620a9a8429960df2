"""What the overview shows, as read: the input of its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from service.contracts.attribution import AttributionShown
from service.dashboard.components.fates import Fates
from service.queries.spend.merged_sums import MergedSum
from vocabulary.causes.split import Causes


class TokenRange(NamedTuple):
    """The ends of an interval in tokens."""

    low: int
    high: int


class Evidence(NamedTuple):
    """Tokens on merged pull requests, and how many were linked directly; the interval is None until measured."""

    tokens: int = 0
    direct: int = 0
    interval: TokenRange | None = None

    @property
    def share(self) -> float:
        """The share linked directly, from 0 to 1."""
        return self.direct / self.tokens if self.tokens else 0.0


UNKNOWN = Evidence()


class ReleaseFacts(NamedTuple):
    """A release, what its standing pull requests cost, and how many were reverted."""

    label: str
    artifact_id: str
    released_at: datetime
    pull_requests: int
    nano_usd: int
    tokens: int
    reverted: int
    is_unnamed: bool = False


class Happened(NamedTuple):
    """An event that explains curves."""

    day: date
    text: str


@dataclass(frozen=True, slots=True)
class OverviewFacts:
    """Sums by slot of the period, and lists. `before` holds those of the period it is compared with, if any."""

    fates: Sequence[Fates]
    fates_before: Sequence[Fates]
    merged: Sequence[MergedSum]
    merged_before: Sequence[MergedSum]
    evidence: Evidence = UNKNOWN
    weekly: Mapping[date, Evidence] = field(default_factory=dict)
    linked: Mapping[str, int] = field(default_factory=dict)
    causes: Causes | None = None
    change: int = 0
    alerts: Sequence[Mapping[str, Any]] = ()
    dearest: Sequence[AttributionShown] = ()
    releases: Sequence[ReleaseFacts] = ()
    events: Sequence[Happened] = ()
    billed: tuple[int, int] = (0, 0)
    received: int | None = None
    is_settled: bool = True
    withheld: str = ""
