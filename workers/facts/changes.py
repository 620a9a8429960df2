"""What a transaction changed of facts, and so which team-days must be settled again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from workers.stores.forge.outcomes import ForgeChanges
from workers.stores.forge.trunks import Trunk
from workers.stores.ledger.invalidate_days import days_touched


class Days(NamedTuple):
    """UTC days, both ends included."""

    first: date
    last: date


class Places(NamedTuple):
    """The repository of a pull request, and the one its branch is in."""

    repository_id: bytes
    head_repository_id: bytes | None


class Transfer(NamedTuple):
    """Pull requests of these days went from one team to another; without `team_ids`, any team may have lost them."""

    days: Days
    team_ids: frozenset[int] | None = None


@dataclass(slots=True)
class Changes:
    """Days on which pull requests of a repository changed, hashes that mean something new, and transfers."""

    days: dict[Places, list[Days]] = field(default_factory=lambda: defaultdict(list))
    names: set[bytes] = field(default_factory=set)
    commits: set[bytes] = field(default_factory=set)
    branches: set[bytes] = field(default_factory=set)
    numbers: set[bytes] = field(default_factory=set)
    artifacts: set[bytes] = field(default_factory=set)
    trunks: set[Trunk] = field(default_factory=set)
    transfers: list[Transfer] = field(default_factory=list)
    forge: ForgeChanges = field(default_factory=ForgeChanges)

    def add_instants(self, places: Places, instants: Iterable[datetime]) -> None:
        """Facts of these instants changed."""
        if reported := list(instants):
            self.days[places].append(Days(*days_touched(min(reported), max(reported))))

    def add(self, other: "Changes") -> None:
        """Take in what another delivery changed."""
        for places, days in other.days.items():
            self.days[places].extend(days)
        for name in ("names", "commits", "branches", "numbers", "artifacts", "trunks"):
            getattr(self, name).update(getattr(other, name))
        self.transfers.extend(other.transfers)
        self.forge.add(other.forge)


def merge_days(days: Iterable[Days]) -> list[Days]:
    """The same days as few spans that neither overlap nor meet."""
    merged: list[Days] = []
    for each in sorted(days):
        if merged and each.first <= merged[-1].last + timedelta(days=1):
            merged[-1] = Days(merged[-1].first, max(merged[-1].last, each.last))
        else:
            merged.append(each)
    return merged
