"""What a report's hours add to windows: to the team they tell of, or the account's, unless something finer is known."""

from collections.abc import Collection, Iterable
from datetime import date

from schema.basis import Basis
from schema.model_names import model_name
from workers.attribution.derived import DerivedTokens
from workers.attribution.windows import Dimensions
from workers.providers.reports import HourTokens


def derived_rows(
    hours: Iterable[HourTokens], *, source: str, team_id: int, finer: Collection[tuple[int, date]]
) -> list[DerivedTokens]:
    """Rows of the account's provider as source; `finer` are the team-days that have measured tokens of it."""
    rows = []
    for reported in hours:
        team = reported.team_id or team_id
        if (team, reported.hour.date()) in finer:
            continue
        name = model_name(reported.model, source)
        dimensions = Dimensions(source, name.provider, name.model, name.context_tier, "", "")
        rows.append(DerivedTokens(team, reported.hour, dimensions, Basis.DERIVED, reported.tokens, reported.requests))
    return rows
