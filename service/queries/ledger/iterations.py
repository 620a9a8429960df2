"""How often the pull requests merged in a period were reworked: sums by the time of their merge.

Pull requests whose note waits for the roll-up count as they are now instead.
"""

from datetime import date
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from schema.team_of import TEAM_OF_PULL_REQUEST
from service.queries.spend.runs import Span, runs_of
from vocabulary.spend_cuts import REWORK

_COUNTED = ("pull_requests", *REWORK)
_NAMES = ", ".join(_COUNTED)
_REWORK = ", ".join(REWORK)
_IS_IN_PERIOD = """
    {source}.state = 'merged' AND {source}.merged_at >= $2::date::timestamp AT TIME ZONE 'UTC'
    AND {source}.merged_at < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'
"""
# In all pull requests, those of bots are counted too.
_SUMS = f"""
    WITH noted AS MATERIALIZED (
        SELECT DISTINCT artifact_id FROM stale_spend WHERE organization_id = $1 AND artifact_id IS NOT NULL
    ), changed AS (
        SELECT 1 AS sign, coalesce(is_bot, false) AS is_bot, {TEAM_OF_PULL_REQUEST} AS team_id, 1 AS pull_requests,
               coalesce(outcome.pushes_after_opening, 0) AS pushes_after_opening,
               coalesce(outcome.review_rounds, 0) AS review_rounds,
               coalesce(outcome.reverted_at < merged_at + interval '14 days', false)::int AS reverted,
               (outcome.fix_released_at IS NOT NULL)::int AS fix_released
        FROM noted
        JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = noted.artifact_id
        JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
        LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = pull_request.artifact_id
        WHERE {_IS_IN_PERIOD.format(source="pull_request")}
        UNION ALL
        SELECT -1, is_bot, team_id, 1, {_REWORK}
        FROM noted
        JOIN pull_request_spend AS known ON known.organization_id = $1 AND known.artifact_id = noted.artifact_id
        WHERE {_IS_IN_PERIOD.format(source="known")}
    ), entry AS (
        SELECT cut = 'bots' AS is_bots, sign, {_NAMES}
        FROM unnest($5::text[], $6::date[], $7::date[], $8::int[]) AS run (grain, begins, ends, sign)
        CROSS JOIN (VALUES ('team'), ('bots')) AS part (cut)
        CROSS JOIN LATERAL (
            SELECT {_NAMES} FROM merged_cut
            WHERE organization_id = $1 AND cut = part.cut AND grain = run.grain
              AND period >= run.begins AND period < run.ends AND ($4::bigint IS NULL OR value = $4) OFFSET 0
        ) AS known
        UNION ALL
        SELECT part.is_bots, sign, {_NAMES}
        FROM changed CROSS JOIN (VALUES (false), (true)) AS part (is_bots)
        WHERE ($4::bigint IS NULL OR team_id = $4) AND (is_bot OR NOT part.is_bots)
    )
    SELECT is_bots, {", ".join(f"coalesce(sum({name} * sign), 0)::bigint AS {name}" for name in _COUNTED)}
    FROM entry GROUP BY is_bots
"""  # noqa: S608 - composed of constants


class Reworked(NamedTuple):
    """Merged pull requests and how often they were reworked."""

    pull_requests: int = 0
    pushes_after_opening: int = 0
    review_rounds: int = 0
    reverted: int = 0
    fix_released: int = 0

    def minus(self, other: "Reworked") -> "Reworked":
        """Return the difference."""
        return Reworked(*(one - another for one, another in zip(self, other, strict=True)))


async def read_reworked(tenant: Tenant, first_day: date, last_day: date, team_id: int | None) -> dict[bool, Reworked]:
    """Return the sums of inclusive UTC days, by whether bots were the authors."""
    runs = runs_of(Span(first_day, last_day))
    rows = await tenant.fetch(_SUMS, first_day, last_day, team_id, *rows_as_columns([tuple(run) for run in runs]))
    found = {row["is_bots"]: Reworked(*(row[name] for name in Reworked._fields)) for row in rows}
    bots = found.get(True, Reworked())
    return {False: found.get(False, Reworked()).minus(bots), True: bots}
