"""Rows of outcomes: tokens and money per outcome, success and quality. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from service.api.amounts import tokens_each, tokens_shown, usd_each
from service.api.ledger.lone_rows import Place
from service.contracts.spend.outcomes import OutcomeFigures
from service.queries.spend.outcomes import Achieved
from service.queries.spend.reading import Amounts
from vocabulary.tokens import usd_text

MILLION = 10**6


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


def shown_figures(row: Row) -> tuple[int, ...]:
    """Return what the total could give away of a row."""
    achieved = row.achieved
    return row.spent.nano_usd, row.spent.tokens.total, achieved.outcomes, achieved.with_success, achieved.with_quality
