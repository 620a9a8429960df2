"""Turns a report's hours into derived tokens of a team, unless measured tokens exist."""

from collections.abc import Collection, Iterable
from datetime import date

from vocabulary.basis import Basis
from vocabulary.model_names import model_name
from workers.attribution.derived import DerivedTokens
from workers.attribution.windows import Dimensions, Surcharges
from workers.providers.reports import HourTokens


def derived_rows(
    hours: Iterable[HourTokens], *, source: str, team_id: int, finer: Collection[tuple[int, date]]
) -> list[DerivedTokens]:
    """Return rows with the account's provider as source; `finer` are team-days with measured tokens of it."""
    rows = []
    for each in hours:
        team = each.team_id or team_id
        if (team, each.hour.date()) in finer:
            continue
        name = model_name(each.model, source)
        dimensions = Dimensions(
            source, name.provider, name.model, name.context_tier, "", "", service_tier=each.service_tier
        )
        surcharges = Surcharges(each.cache_write_1h, each.web_searches, each.code_executions)
        rows.append(
            DerivedTokens(team, each.hour, dimensions, Basis.DERIVED, each.tokens, each.requests, surcharges=surcharges)
        )
    return rows
