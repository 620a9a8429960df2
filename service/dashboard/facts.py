"""What the page is told: plain figures of one organization over some weeks, without any wording."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from service.queries.tokens.double_counting import DoubleCounting


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens, and what they cost in nano-USD."""

    tokens: int = 0
    nano_usd: int = 0

    def plus(self, other: "Amount") -> "Amount":
        """The sum of both."""
        return Amount(self.tokens + other.tokens, self.nano_usd + other.nano_usd)


@dataclass(frozen=True, slots=True)
class Merges:
    """Pull requests merged in a period, and everything that was ever attributed to them."""

    merged: int = 0
    amount: Amount = Amount()


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """A team: its merges of each week and of the whole period. `withheld` says why it is not compared."""

    name: str
    size: int | None
    weeks: tuple[Merges, ...]
    period: Merges
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """The ledger of the period: received = merged + in flight + abandoned + overhead + pending, or `difference`.

    `set_aside` was told by another layer too, and is in none of these.
    """

    received: Amount = Amount()
    merged: Amount = Amount()
    in_flight: Amount = Amount()
    abandoned: Amount = Amount()
    overhead: Amount = Amount()
    pending: Amount = Amount()
    difference: Amount = Amount()
    set_aside: Amount = Amount()

    @property
    def settled(self) -> int:
        """Tokens that are on the ledger."""
        return self.merged.tokens + self.in_flight.tokens + self.abandoned.tokens + self.overhead.tokens


@dataclass(frozen=True, slots=True)
class SetUpFacts:
    """What is connected: forge connections, known pull requests, token requests, and teams whose size is not told."""

    connections: int = 0
    pull_requests: int = 0
    token_requests: int = 0
    teams_without_size: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Everything on the page. `weeks` are their Mondays; `evidence` tokens of pull requests by evidence name."""

    weeks: tuple[date, ...]
    teams: tuple[TeamFacts, ...] = ()
    all_weeks: tuple[Merges, ...] = ()
    period: Merges = Merges()
    ledger: LedgerFacts = LedgerFacts()
    evidence: dict[str, int] = field(default_factory=dict)
    set_up: SetUpFacts = SetUpFacts()
    doubts: tuple[DoubleCounting, ...] = ()

    @property
    def last_day(self) -> date:
        """The Sunday that ends the last week."""
        return self.weeks[-1] + timedelta(days=6)

    @property
    def is_empty(self) -> bool:
        """Nothing has arrived at all, in this period or before."""
        return not (self.set_up.pull_requests or self.set_up.token_requests)
