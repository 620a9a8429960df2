"""Figures of one organization over some weeks: the input of the dashboard page."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from service.queries.tokens.double_counting import DoubleCounting


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens and their cost in nano-USD."""

    tokens: int = 0
    nano_usd: int = 0

    def plus(self, other: "Amount") -> "Amount":
        """Add two amounts."""
        return Amount(self.tokens + other.tokens, self.nano_usd + other.nano_usd)


@dataclass(frozen=True, slots=True)
class Merges:
    """Number of pull requests merged in a period, and all tokens ever attributed to them.

    `spent` is what was received in the period, whatever it went to.
    """

    merged: int = 0
    amount: Amount = Amount()
    spent: Amount = Amount()


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """A team with its merges per week and in the whole period; `withheld` is the reason why it is not compared."""

    name: str
    size: int | None
    weeks: tuple[Merges, ...]
    period: Merges
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """The ledger of the period: received = merged + in flight + abandoned + overhead + pending + difference.

    `superseded` was also reported by another layer and is in none of these.
    """

    received: Amount = Amount()
    merged: Amount = Amount()
    in_flight: Amount = Amount()
    abandoned: Amount = Amount()
    overhead: Amount = Amount()
    pending: Amount = Amount()
    difference: Amount = Amount()
    superseded: Amount = Amount()

    @property
    def settled(self) -> int:
        """Return the settled tokens."""
        return self.merged.tokens + self.in_flight.tokens + self.abandoned.tokens + self.overhead.tokens


@dataclass(frozen=True, slots=True)
class SetUpFacts:
    """Counts of forge connections, pull requests and token requests, and the teams without a size.

    `silent_connections` have never delivered anything.
    """

    connections: int = 0
    pull_requests: int = 0
    token_requests: int = 0
    teams_without_size: tuple[str, ...] = ()
    silent_connections: int = 0


@dataclass(frozen=True, slots=True)
class PageFacts:
    """All figures on the page. `weeks` are Mondays; `evidence` holds tokens on pull requests by kind of evidence."""

    weeks: tuple[date, ...]
    teams: tuple[TeamFacts, ...] = ()
    all_weeks: tuple[Merges, ...] = ()
    period: Merges = Merges()
    ledger: LedgerFacts = LedgerFacts()
    evidence: dict[str, int] = field(default_factory=dict)
    set_up: SetUpFacts = SetUpFacts()
    double_counting: tuple[DoubleCounting, ...] = ()

    @property
    def last_day(self) -> date:
        """Return the Sunday of the last week."""
        return self.weeks[-1] + timedelta(days=6)

    @property
    def is_empty(self) -> bool:
        """Return whether no data has ever arrived."""
        return not (self.set_up.pull_requests or self.set_up.token_requests)
