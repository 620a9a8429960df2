"""When a team is too small to stand beside others: pure."""

from collections.abc import Mapping
from typing import NamedTuple

from schema.settings import Settings


class Thresholds(NamedTuple):
    """The fewest people and merged pull requests with which a team is compared."""

    people: int = 5
    pull_requests: int = 20

    @property
    def too_few_people(self) -> str:
        """Why a small team is withheld."""
        return f"the team has fewer than {self.people} people"

    @property
    def too_few_pull_requests(self) -> str:
        """Why a team that merged little is withheld."""
        return f"the team merged fewer than {self.pull_requests} pull requests in this period"


def thresholds_of(settings: Settings) -> Thresholds:
    """What this instance compares."""
    return Thresholds(settings.comparison_people, settings.comparison_pull_requests)


def is_small(size: int | None, thresholds: Thresholds) -> bool:
    """Whether so many people, where that was told, are too few: the figures of one or two are theirs."""
    return size is not None and size < thresholds.people


def too_small(team: str, sizes: Mapping[str, int | None], thresholds: Thresholds) -> str | None:
    """Why a team is known to have too few people to stand beside others; `sizes` are people by team name."""
    return thresholds.too_few_people if len(sizes) > 1 and is_small(sizes.get(team), thresholds) else None


def withheld_teams(
    merged: Mapping[str, int], sizes: Mapping[str, int | None], thresholds: Thresholds
) -> dict[str, str]:
    """Why teams are withheld where several are shown together, by name.

    `merged` are the pull requests of each team in the whole period, whatever the buckets, so that a team is shown or
    withheld as one. A team without any has nothing that could be compared, and one alone, asked for by name, stands
    beside nobody.
    """
    compared = {team: count for team, count in merged.items() if count}
    reasons = {}
    if len(compared) > 1:
        few = (team for team, count in compared.items() if count < thresholds.pull_requests)
        reasons = dict.fromkeys(few, thresholds.too_few_pull_requests)
    for team in sizes:
        if reason := too_small(team, sizes, thresholds):
            reasons[team] = reason
    return reasons
