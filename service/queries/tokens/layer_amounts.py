"""Counted and superseded amounts by source, and amounts by day and model."""

from datetime import date
from typing import NamedTuple

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS

_TOTAL = " + ".join(TOKEN_KINDS)
_SCOPE = """
    organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
    AND day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')
"""

_COUNTED = f"""
    SELECT source, sum(requests)::bigint AS requests, sum({_TOTAL})::bigint AS tokens
    FROM (SELECT *, (hour AT TIME ZONE 'UTC')::date AS day FROM token_window WHERE organization_id = $1) AS token_window
    WHERE {_SCOPE} GROUP BY source
"""  # noqa: S608 - composed of constants

_SUPERSEDED = f"""
    SELECT source, counted_source, sum(requests)::bigint AS requests, sum({_TOTAL})::bigint AS tokens
    FROM superseded_total WHERE {_SCOPE} GROUP BY source, counted_source HAVING sum(requests) > 0
"""  # noqa: S608 - composed of constants

# By team, so that the primary key finds the last days of each.
_BY_DAY = f"""
    SELECT (hour AT TIME ZONE 'UTC')::date AS day, source, model, sum({_TOTAL})::bigint AS tokens
    FROM team CROSS JOIN LATERAL (
        SELECT * FROM token_window
        WHERE organization_id = $1 AND token_window.team_id = team.team_id
          AND hour >= now() - interval '14 days' AND basis = 'measured'
    ) AS recent
    WHERE team.organization_id = $1
    GROUP BY 1, 2, 3
"""  # noqa: S608 - composed of constants


class SourceAmount(NamedTuple):
    """Requests and tokens of a source that count."""

    source: str
    requests: int
    tokens: int


class SupersededAmount(NamedTuple):
    """Superseded requests and tokens of a source; `counted_source` counts instead, empty if a rule supersedes it."""

    source: str
    counted_source: str
    requests: int
    tokens: int


class DayAmount(NamedTuple):
    """Counted tokens of a source, model and UTC day."""

    day: date
    source: str
    model: str
    tokens: int


async def read_layer_amounts(
    tenant: Tenant, *, team_id: int | None = None, first_day: date | None = None, last_day: date | None = None
) -> tuple[list[SourceAmount], list[SupersededAmount]]:
    """Return counted and superseded amounts of inclusive UTC days; None means unbounded."""
    scope = (team_id, first_day, last_day)
    counted = await tenant.fetch(_COUNTED, *scope)
    superseded = await tenant.fetch(_SUPERSEDED, *scope)
    return [SourceAmount(**row) for row in counted], [SupersededAmount(**row) for row in superseded]


async def read_superseded(tenant: Tenant, *, team_id: int | None, days: tuple[date, date]) -> list[SupersededAmount]:
    """Return superseded amounts from the first to the last of these UTC days, from totals alone."""
    return [SupersededAmount(**row) for row in await tenant.fetch(_SUPERSEDED, team_id, *days)]


async def read_day_amounts(tenant: Tenant) -> list[DayAmount]:
    """Return the measured tokens of the last two weeks."""
    return [DayAmount(**row) for row in await tenant.fetch(_BY_DAY)]
