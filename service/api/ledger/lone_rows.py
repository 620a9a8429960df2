"""Withholds rows of teams so that the total gives none of them away. Pure."""

from collections.abc import Collection, Mapping

from service.queries.teams.comparisons import WOULD_REVEAL

# The place of a bucket, and the name of a group.
Place = tuple[int, str]
Figures = tuple[int, ...]


def withhold_teams(
    rows: Mapping[Place, Figures], reasons: Mapping[str, str], withheld: Mapping[Place, str]
) -> dict[Place, str]:
    """Return the withheld rows of whole buckets, with reasons: more than were `withheld` for what they spent.

    `rows` have the same figures each; `reasons` names the withheld teams. Where one of them alone has a figure, the
    total would give it away, so the team with the next smallest joins it.
    """
    found = {place: reasons[place[1]] for place in rows if place[1] in reasons} | dict(withheld)
    for bucket in sorted({bucket for bucket, _ in found}):
        members = {place: figures for place, figures in rows.items() if place[0] == bucket}
        while (joining := _joining(members, found)) is not None:
            found[joining] = WOULD_REVEAL
    return found


def _joining(rows: Mapping[Place, Figures], found: Collection[Place]) -> Place | None:
    """Return a row that must be withheld too, because a withheld one is alone in some figure."""
    for figures in zip(*rows.values(), strict=True):
        having = {place: number for place, number in zip(rows, figures, strict=True) if number}
        others = [(number, place) for place, number in having.items() if place not in found]
        if others and len(having) - len(others) == 1:
            return min(others)[1]
    return None
