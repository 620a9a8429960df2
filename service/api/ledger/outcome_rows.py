"""Rows of outcomes: tokens and money per outcome, success and quality. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from schema.vocabulary.tokens import usd_text
from service.api.amounts import tokens_each, tokens_shown, usd_each
from service.contracts.spend.outcomes import OutcomeFigures
from service.queries.spend.outcomes import Achieved
from service.queries.spend.reading import Amounts
from service.queries.teams.comparisons import WOULD_REVEAL

MILLION = 10**6

# The place of a bucket, and the name of a group.
Place = tuple[int, str]


class Row(NamedTuple):
    """What a group spent and achieved in a bucket."""

    spent: Amounts = Amounts()
    achieved: Achieved = Achieved()


def join_rows(spent: Mapping[Place, Amounts], achieved: Mapping[Place, Achieved]) -> dict[Place, Row]:
    """Return every group with tokens or outcomes, by bucket and name."""
    places = sorted({*spent, *achieved})
    return {place: Row(spent.get(place, Amounts()), achieved.get(place, Achieved())) for place in places}


def figures_of(row: Row) -> OutcomeFigures:
    """Return the figures of a row."""
    spent, achieved = row
    return OutcomeFigures(
        outcomes=achieved.outcomes,
        tokens=tokens_shown(spent.tokens),
        cost_usd=usd_text(spent.nano_usd),
        tokens_per_outcome=tokens_each(spent.tokens.total, achieved.outcomes),
        cost_per_outcome_usd=usd_each(spent.nano_usd, achieved.outcomes),
        success_rate=tokens_each(achieved.successes, achieved.with_success),
        quality=tokens_each(achieved.quality, achieved.with_quality * MILLION),
    )


def withhold_teams(
    rows: Mapping[Place, Row], reasons: Mapping[str, str], withheld: Mapping[Place, str]
) -> dict[Place, str]:
    """Return the withheld rows of whole buckets, with reasons: more than were `withheld` for what they spent.

    `reasons` names the withheld teams. Where one of them alone has outcomes, the total would give them away, so the
    team with the next smallest number joins it.
    """
    found = {place: reasons[place[1]] for place in rows if place[1] in reasons} | dict(withheld)
    for bucket in sorted({bucket for bucket, _ in found}):
        members = {place: row for place, row in rows.items() if place[0] == bucket}
        while (joining := _joining(members, found)) is not None:
            found[joining] = WOULD_REVEAL
    return found


def _joining(rows: Mapping[Place, Row], withheld: Collection[Place]) -> Place | None:
    """Return a row that must be withheld too, because a withheld one is alone in some figure."""
    for figure in range(len(_figures(Row()))):
        having = {place: number for place, row in rows.items() if (number := _figures(row)[figure])}
        others = [(number, place) for place, number in having.items() if place not in withheld]
        if others and len(having) - len(others) == 1:
            return min(others)[1]
    return None


def _figures(row: Row) -> tuple[int, ...]:
    achieved = row.achieved
    return row.spent.nano_usd, row.spent.tokens.total, achieved.outcomes, achieved.with_success, achieved.with_quality
