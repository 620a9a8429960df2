"""Finds the owning team of a repository from its maintainers at the forge. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from workers.team_sync.forge_teams import ForgeTeam


def sole_owners(teams: Sequence[ForgeTeam]) -> dict[int, ForgeTeam | None]:
    """Return the one team that owns each owned repository, by number; None when several do.

    Nested teams share repositories; then the outermost counts.
    """
    by_number = {team.number: team for team in teams}
    owners = defaultdict[int, list[ForgeTeam]](list)
    for team in teams:
        for repository in team.owned:
            owners[repository].append(team)
    return {repository: _outermost(found, by_number) for repository, found in owners.items()}


def _outermost(owners: Sequence[ForgeTeam], by_number: Mapping[int, ForgeTeam]) -> ForgeTeam | None:
    numbers = {team.number for team in owners}
    outer = [team for team in owners if not numbers.intersection(_around(team, by_number))]
    return outer[0] if len(outer) == 1 else None


def _around(team: ForgeTeam, by_number: Mapping[int, ForgeTeam]) -> Iterable[int]:
    """Yield the surrounding teams, nearest first; a cycle ends the walk."""
    seen = {team.number}
    parent = team.parent
    while parent is not None and parent not in seen:
        seen.add(parent)
        yield parent
        parent = by_number[parent].parent if parent in by_number else None
