"""What the page of a team shows, as read: the input of its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.dashboard.overview.facts import OverviewFacts
from service.dashboard.spend.facts import Pair


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """The overview of a team, and what is its own."""

    name: str
    people: int | None
    overview: OverviewFacts
    repositories: Sequence[str] = ()
    by_model: Mapping[str, Pair] = field(default_factory=dict)
    by_workflow: Mapping[str, Pair] = field(default_factory=dict)
    budgets: Sequence[Mapping[str, Any]] = ()
    forecasts: Sequence[Mapping[str, Any]] = ()
