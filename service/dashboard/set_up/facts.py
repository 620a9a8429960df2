"""What is connected so far: the input of the page of set-up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from service.queries.tokens.double_counting import DoubleCounting


class Connected(NamedTuple):
    """A connection to a forge: when it last delivered (None if never), and how trying its access went.

    `access` is `works`, `running`, `failed` (with the reason) or empty if it has none.
    """

    forge: str
    host: str
    name: str
    is_app: bool
    heard_at: datetime | None
    access: str = ""
    reason: str = ""


class Account(NamedTuple):
    """A provider's account, the last day whose reports were fetched, and why fetching fails."""

    provider: str
    until: date
    failure: str = ""


class MergeFigure(NamedTuple):
    """What one merged pull request cost in nano-USD and tokens, and the bounds of its tokens if they are known."""

    artifact_id: str
    label: str | None
    nano_usd: int
    tokens: int
    linked_share: float
    bounds: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class SetUpFacts:
    """`sources` are the agents and gateways by when they were last heard, `first` is the newest figure of one merge."""

    connections: tuple[Connected, ...] = ()
    pull_requests: int = 0
    has_requests: bool = False
    sources: Mapping[str, datetime] = field(default_factory=dict)
    accounts: tuple[Account, ...] = ()
    has_bills: bool = False
    teams: int = 0
    teams_without_size: tuple[str, ...] = ()
    evidence: Mapping[str, int] = field(default_factory=dict)
    double_counting: tuple[DoubleCounting, ...] = ()
    first: MergeFigure | None = None
    channels: int = 0
