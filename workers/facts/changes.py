"""What a transaction changed, which decides the team-days to settle again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from workers.stores.forge.outcomes import ForgeChanges
from workers.stores.forge.trunks import Trunk
from workers.stores.ledger.invalidate_days import affected_days


class Days(NamedTuple):
    """UTC days, inclusive."""

    first: date
    last: date


class Places(NamedTuple):
    """The repository of a pull request, and the repository of its branch."""

    repository_id: bytes
    head_repository_id: bytes | None


class Transfer(NamedTuple):
    """Pull requests of these days moved between teams; without `team_ids`, any team may have lost them."""

    days: Days
    team_ids: frozenset[int] | None = None


@dataclass(slots=True)
class Changes:
    """Days with changed pull requests by repository, hashes whose meaning changed, and transfers."""

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
        """Add the days of changed facts."""
        if reported := list(instants):
            self.days[places].append(Days(*affected_days(min(reported), max(reported))))

    def add(self, other: "Changes") -> None:
        """Add another delivery's changes."""
        for places, days in other.days.items():
            self.days[places].extend(days)
        for name in ("names", "commits", "branches", "numbers", "artifacts", "trunks"):
            getattr(self, name).update(getattr(other, name))
        self.transfers.extend(other.transfers)
        self.forge.add(other.forge)


def merge_days(days: Iterable[Days]) -> list[Days]:
    """Merge days that overlap or touch."""
    merged: list[Days] = []
    for each in sorted(days):
        if merged and each.first <= merged[-1].last + timedelta(days=1):
            merged[-1] = Days(merged[-1].first, max(merged[-1].last, each.last))
        else:
            merged.append(each)
    return merged
