"""What the page of spend shows, as read: the input of its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from service.api.ledger.team_changes import TeamChange
from service.dashboard.components.fates import Fates
from service.queries.spend.reading import Amounts
from vocabulary.causes.split import Causes


class Pair(NamedTuple):
    """Spend of a group, and of the same in the period before."""

    now: Amounts
    before: Amounts


class Week(NamedTuple):
    """What was spent from the beginning of a period until a day, in nano-USD."""

    last_day: date
    nano_usd: int


@dataclass(frozen=True, slots=True)
class SpendFacts:
    """Sums by slot and price, lists by dimension, bills by provider. `causes` is None without a comparison."""

    fates: Sequence[Fates]
    fates_before: Sequence[Fates]
    at_list: Sequence[Amounts] = ()
    at_effective: Sequence[Amounts] = ()
    by_model: Mapping[str, Pair] = field(default_factory=dict)
    by_workflow: Mapping[str, Pair] = field(default_factory=dict)
    changes: Sequence[TeamChange] = ()
    causes: Causes | None = None
    list_before: int = 0
    list_after: int = 0
    bills: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    budgets: Sequence[Mapping[str, Any]] = ()
    forecasts: Sequence[Mapping[str, Any]] = ()
    quarter: Sequence[Week] = ()
    is_settled: bool = True
    withheld: str = ""
