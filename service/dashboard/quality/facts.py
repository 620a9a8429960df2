"""What the page of data quality shows, as read: the input of its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from schema.work_rows import WorkKind
from service.dashboard.components.fates import Fates
from service.queries.forge.repair_sentences import Limit
from service.queries.spend.reading import Amounts
from service.queries.tokens.double_counting import DoubleCounting
from service.queries.tokens.dropped import DroppedTotal
from service.queries.tokens.layer_amounts import SupersededAmount
from service.queries.tokens.recent_requests import NamedRepositories, SourceRequests


class TeamLinks(NamedTuple):
    """Tokens on the merged pull requests of a team, and how many of them are linked directly."""

    team: str
    tokens: int
    direct: int

    @property
    def share(self) -> float:
        """The share linked directly."""
        return self.direct / self.tokens if self.tokens else 0.0


class Heard(NamedTuple):
    """A source, and when it was last heard; None if never. `said` stands for an instant that is not known."""

    name: str
    what: str
    at: datetime | None
    trouble: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class QualityFacts:
    """Links are tokens on pull requests by evidence, by slot; `received` are tokens as they arrived.

    `layers` is by source. `calibrated` are the teams whose intervals are measured, `pending` days wait for settlement.
    Who sees their own team only gets nothing of what is not known by team.
    """

    spent: Fates
    links: Sequence[Mapping[str, int]]
    linked: Mapping[str, int] = field(default_factory=dict)
    linked_before: Mapping[str, int] = field(default_factory=dict)
    received: int = 0
    is_settled: bool = True
    teams: Sequence[TeamLinks] = ()
    withheld_teams: Mapping[str, str] = field(default_factory=dict)
    calibrated: int = 0
    by_model: Mapping[str, Amounts] = field(default_factory=dict)
    billed: tuple[int, int] = (0, 0)
    requests: Sequence[SourceRequests] = ()
    known: Mapping[str, datetime] = field(default_factory=dict)
    layers: Mapping[str, str] = field(default_factory=dict)
    superseded: Sequence[SupersededAmount] = ()
    double_counting: Sequence[DoubleCounting] = ()
    dropped: Sequence[DroppedTotal] = ()
    repositories: NamedRepositories = field(default_factory=NamedRepositories)
    dead: Mapping[WorkKind, int] = field(default_factory=dict)
    forges: Sequence[Heard] = ()
    accounts: Sequence[Heard] = ()
    limits: Sequence[Limit] = ()
    is_of_own_team: bool = False
    withheld: str = ""

    @property
    def tokens(self) -> int:
        """All settled tokens of the period."""
        return sum(amount.tokens.total for amount in self.spent.values())

    @property
    def difference(self) -> int | None:
        """Tokens received minus those in the ledger; None while days are not settled."""
        return self.received - self.tokens if self.is_settled else None

    @property
    def unpriced(self) -> dict[str, int]:
        """Tokens of models that cost nothing, by model; the largest first."""
        found = {name: each.tokens.total for name, each in self.by_model.items() if not each.nano_usd}
        return dict(sorted(((name, tokens) for name, tokens in found.items() if tokens), key=lambda item: -item[1]))
