"""Which team an author is in: pure."""

from collections.abc import Mapping

# A team of fewer would tell who the author is.
FEWEST_PEOPLE = 3


def team_of_author(author: bytes, teams: Mapping[int, frozenset[bytes]]) -> int | None:
    """The id of the team that an author is in, by each team's people; None where none is, or several could be meant.

    Of teams within one another, such as all of a company and one of its teams, the innermost is meant.
    """
    found = {team_id: people for team_id, people in teams.items() if author in people}
    inner = [team_id for team_id, people in found.items() if not any(other < people for other in found.values())]
    return inner[0] if len(inner) == 1 and len(found[inner[0]]) >= FEWEST_PEOPLE else None
