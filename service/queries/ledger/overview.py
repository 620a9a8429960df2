"""The merged pull requests that tokens were spent on: their number, and the dearest."""

from datetime import date, timedelta
from typing import NamedTuple

from schema.database import Tenant
from service.queries.ledger.noted import NOTED
from service.queries.spend.runs import Span

# Every day with tokens is later than this, and than the day before the first one, which is -infinity.
_EARLIEST = date.min + timedelta(days=1)

# Of those that wait for the roll-up, what they are now counts instead of what they were. The dearest of all others is
# the dearest of those whose days are all in the period, which is mostly the first one found by its last day; or of
# those that cost more in all, with days outside the period as well.
_MERGED = f"""
    WITH {NOTED}, waiting AS MATERIALIZED (
        SELECT noted.artifact_id, sum(spent.cost_nano_usd)::bigint AS nano_usd
        FROM noted
        JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = noted.artifact_id
        JOIN attribution_rollup AS spent
          ON spent.organization_id = $1 AND spent.artifact_id = noted.artifact_id AND spent.day BETWEEN $2 AND $3
        WHERE pull_request.state = 'merged' AND noted.artifact_id <> ''
        GROUP BY 1
    ), ended AS MATERIALIZED (
        SELECT begins + place AS day
        FROM (SELECT greatest($2::date, min(day)) AS begins, max(day) AS ends FROM worked_day
              WHERE organization_id = $1 HAVING min(day) IS NOT NULL) AS known
        CROSS JOIN LATERAL generate_series(0, ends - begins) AS place
    ), within AS MATERIALIZED (
        SELECT found.* FROM ended
        CROSS JOIN LATERAL (
            SELECT artifact_id, list_nano_usd AS nano_usd FROM pull_request_spend
            WHERE organization_id = $1 AND state = 'merged' AND last_day = ended.day AND first_day >= $2
              AND list_nano_usd > 0 AND artifact_id NOT IN (SELECT artifact_id FROM noted)
            ORDER BY list_nano_usd DESC, artifact_id DESC LIMIT 1) AS found
        WHERE ended.day <= $3
        ORDER BY nano_usd DESC, artifact_id DESC LIMIT 1
    ), across AS (
        SELECT artifact_id, (SELECT sum(cost) FROM unnest(days, day_costs) AS worked (day, cost)
                             WHERE worked.day BETWEEN $2 AND $3)::bigint AS nano_usd
        FROM ended
        CROSS JOIN LATERAL (
            SELECT artifact_id, days, day_costs FROM pull_request_spend
            WHERE organization_id = $1 AND state = 'merged' AND last_day = ended.day
              AND first_day <= CASE WHEN ended.day <= $3 THEN $2::date - 1 ELSE $3 END
              AND list_nano_usd > coalesce((SELECT nano_usd FROM within), 0)
              AND artifact_id NOT IN (SELECT artifact_id FROM noted) OFFSET 0) AS found
    )
    SELECT (SELECT coalesce(sum(pull_requests), 0)::bigint FROM worked_day
            WHERE organization_id = $1 AND day BETWEEN $2 AND $3 AND day_before < $2)
           - (SELECT count(*) FROM noted
              JOIN pull_request_spend AS known
                ON known.organization_id = $1 AND known.artifact_id = noted.artifact_id
              WHERE known.state = 'merged'
                AND EXISTS (SELECT FROM unnest(known.days) AS worked (day) WHERE worked.day BETWEEN $2 AND $3))
           + (SELECT count(*) FROM waiting) AS merged, dearest.*
    FROM (SELECT) AS always
    LEFT JOIN (SELECT artifact_id, nano_usd
               FROM (SELECT * FROM waiting UNION ALL SELECT * FROM within UNION ALL SELECT * FROM across) AS found
               WHERE nano_usd > 0 ORDER BY nano_usd DESC, artifact_id DESC LIMIT 1) AS dearest ON true
"""  # noqa: S608 - composed of constants

# A team has few days; another team may have spent on its pull requests too.
_OF_TEAM = """
    WITH merged AS (
        SELECT spent.artifact_id, spent.nano_usd
        FROM (SELECT artifact_id, sum(cost_nano_usd)::bigint AS nano_usd FROM attribution_rollup
              WHERE organization_id = $1 AND team_id = $4 AND artifact_id <> '' AND day BETWEEN $2 AND $3
              GROUP BY artifact_id) AS spent
        JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = spent.artifact_id
        WHERE pull_request.state = 'merged'
    )
    SELECT (SELECT count(*) FROM merged) AS merged, dearest.*
    FROM (SELECT) AS always
    LEFT JOIN (SELECT * FROM merged WHERE nano_usd > 0
               ORDER BY nano_usd DESC, artifact_id DESC LIMIT 1) AS dearest ON true
"""

# Merged ones are counted by month.
_KNOWN = """
    SELECT (SELECT coalesce(sum(pull_requests), 0)::bigint FROM merged_spend
            WHERE organization_id = $1 AND cut = '' AND grain = 'month')
           + (SELECT count(*) FROM pull_request_spend WHERE organization_id = $1 AND state IN ('open', 'abandoned'))
           + (SELECT count(*) FROM pull_request_spend
              WHERE organization_id = $1 AND state = 'merged' AND merged_at IS NULL)
           + (SELECT count(DISTINCT note.artifact_id) FROM stale_spend AS note
              JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = note.artifact_id
              WHERE note.organization_id = $1 AND note.artifact_id IS NOT NULL
                AND NOT EXISTS (SELECT FROM pull_request_spend AS known
                                WHERE known.organization_id = $1 AND known.artifact_id = note.artifact_id))
"""
_LABEL = "SELECT label FROM pull_request WHERE organization_id = $1 AND artifact_id = $2"


class Dearest(NamedTuple):
    """The cost of a pull request in a period, and its id, which decides between equal costs."""

    nano_usd: int
    artifact_id: bytes


class Merged(NamedTuple):
    """How many merged pull requests tokens were spent on, the dearest with its label, and how many are known."""

    number: int
    dearest: Dearest | None
    label: str | None
    known: int


async def read_merged(tenant: Tenant, *, team_id: int | None, first_day: date | None, last_day: date | None) -> Merged:
    """Read what was spent in a period; None means unbounded."""
    span = Span(max(first_day or _EARLIEST, _EARLIEST), last_day or date.max)
    if team_id is not None:
        found = await tenant.fetchrow(_OF_TEAM, *span, team_id)
    else:
        found = await tenant.fetchrow(_MERGED, *span)
    dearest = label = None
    if found["artifact_id"] is not None:
        dearest = Dearest(found["nano_usd"], found["artifact_id"])
        label = await tenant.fetchval(_LABEL, dearest.artifact_id)
    return Merged(found["merged"], dearest, label, await tenant.fetchval(_KNOWN))
