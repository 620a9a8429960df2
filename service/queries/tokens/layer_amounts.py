"""What each source told, what of it was set aside, and how much each told of a model on a day."""

from datetime import date
from typing import NamedTuple

from schema.database import Tenant
from schema.tokens import TOKEN_KINDS

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

_SET_ASIDE = f"""
    SELECT source, counted_source, sum(requests)::bigint AS requests, sum({_TOTAL})::bigint AS tokens
    FROM superseded_total WHERE {_SCOPE} GROUP BY source, counted_source HAVING sum(requests) > 0
"""  # noqa: S608 - composed of constants

# By team, so that the key finds the last days of each.
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
    """What of a source counts."""

    source: str
    requests: int
    tokens: int


class SupersededAmount(NamedTuple):
    """What of a source was set aside, for the source that counts in its place; empty where a rule says so."""

    source: str
    counted_source: str
    requests: int
    tokens: int


class DayAmount(NamedTuple):
    """Tokens that count of a source, model and UTC day."""

    day: date
    source: str
    model: str
    tokens: int


async def read_layer_amounts(
    tenant: Tenant, *, team_id: int | None = None, first_day: date | None = None, last_day: date | None = None
) -> tuple[list[SourceAmount], list[SupersededAmount]]:
    """What counts and what was set aside of UTC days with both ends included; None is open."""
    scope = (team_id, first_day, last_day)
    counted = await tenant.fetch(_COUNTED, *scope)
    set_aside = await tenant.fetch(_SET_ASIDE, *scope)
    return [SourceAmount(**row) for row in counted], [SupersededAmount(**row) for row in set_aside]


async def read_day_amounts(tenant: Tenant) -> list[DayAmount]:
    """What the last two weeks' sources told, request by request."""
    return [DayAmount(**row) for row in await tenant.fetch(_BY_DAY)]
