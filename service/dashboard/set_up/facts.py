"""What is connected so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.queries.tokens.double_counting import DoubleCounting


@dataclass(frozen=True, slots=True)
class SetUpFacts:
    """Counts of forge connections, pull requests and token requests, the teams without a size, tokens by evidence.

    `silent_connections` have never delivered anything.
    """

    connections: int = 0
    pull_requests: int = 0
    token_requests: int = 0
    teams_without_size: tuple[str, ...] = ()
    silent_connections: int = 0
    evidence: Mapping[str, int] = field(default_factory=dict)
    double_counting: tuple[DoubleCounting, ...] = ()
