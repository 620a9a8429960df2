"""Which teams are too small to be compared. Pure."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from typing import NamedTuple, TypeVar

from schema.settings import Settings
from vocabulary import small_teams

Place = TypeVar("Place", bound=Hashable)

WOULD_REVEAL = "the only other withheld team could be computed from the total and this team"


class Thresholds(NamedTuple):
    """The minimum of people and merged pull requests of a team in a comparison."""

    people: int = 5
    pull_requests: int = 20

    @property
    def too_few_people(self) -> str:
        """The reason to withhold a team with too few people."""
        return small_teams.too_few_people(self.people)

    @property
    def too_few_pull_requests(self) -> str:
        """The reason to withhold a team with too few merged pull requests."""
        return f"the team merged fewer than {self.pull_requests} pull requests in this period"


def thresholds_of(settings: Settings) -> Thresholds:
    """Return the thresholds of this instance."""
    return Thresholds(settings.comparison_people, settings.comparison_pull_requests)


def is_small(size: int | None, thresholds: Thresholds) -> bool:
    """Return whether a known size is below the threshold: the figures of one or two people would be personal."""
    return small_teams.is_small(size, thresholds.people)


def too_small(team: str, sizes: Mapping[str, int | None], thresholds: Thresholds) -> str | None:
    """Return why a team has too few people to be compared, or None; `sizes` are people by team name."""
    return thresholds.too_few_people if len(sizes) > 1 and is_small(sizes.get(team), thresholds) else None


def withheld_teams(
    merged: Mapping[str, int],
    sizes: Mapping[str, int | None],
    thresholds: Thresholds,
    active: Collection[str] | None = None,
) -> dict[str, str]:
    """Return the withheld teams of a comparison by name, with the reason.

    `merged` counts each team's pull requests in the whole period, so a team is withheld in all its buckets or in none.
    `active` are the teams that ever had data (default: all); beside teams without any, a team is not compared. The
    threshold of pull requests does not apply to teams without any, nor to a single team. The total would reveal a team
    that is withheld alone, so the next smallest joins it.
    """
    compared = {team: count for team, count in merged.items() if count}
    beside = {*(sizes if active is None else active), *compared}
    reasons = {}
    if len(compared) > 1:
        few = (team for team, count in compared.items() if count < thresholds.pull_requests)
        reasons = dict.fromkeys(few, thresholds.too_few_pull_requests)
    too_few_people = thresholds.too_few_people
    for team, size in sizes.items():
        if is_small(size, thresholds) and len(beside) > (team in beside):
            reasons[team] = too_few_people
    shown = sorted((count, team) for team, count in compared.items() if team not in reasons)
    if shown and len(compared) - len(shown) == 1:
        reasons[shown[0][1]] = WOULD_REVEAL
    return reasons


def withheld_cells(amounts: Mapping[tuple[Place, str], int], teams: Mapping[str, str]) -> dict[tuple[Place, str], str]:
    """Return the withheld cells of a comparison with reasons, from amounts by place and name of a team.

    `teams` are the withheld teams with reasons. Where one of them is alone at a place, the next smallest joins it.
    """
    found = {cell: teams[cell[1]] for cell in amounts if cell[1] in teams}
    shown: defaultdict[Place, list[tuple[int, str]]] = defaultdict(list)
    hidden: defaultdict[Place, int] = defaultdict(int)
    for (place, team), amount in amounts.items():
        if team in teams:
            hidden[place] += 1
        else:
            shown[place].append((amount, team))
    return found | {(place, min(each)[1]): WOULD_REVEAL for place, each in shown.items() if hidden[place] == 1}
