"""Finds the team of an author. Pure."""

from collections.abc import Mapping

# A smaller team would reveal the author.
FEWEST_PEOPLE = 3


def team_of_author(author: bytes, teams: Mapping[int, frozenset[bytes]]) -> int | None:
    """Return the id of the author's team, given each team's people; None if there is none or it is ambiguous.

    Of nested teams, such as the whole company and one of its teams, the innermost counts.
    """
    found = {team_id: people for team_id, people in teams.items() if author in people}
    inner = [team_id for team_id, people in found.items() if not any(other < people for other in found.values())]
    return inner[0] if len(inner) == 1 and len(found[inner[0]]) >= FEWEST_PEOPLE else None
