"""SQL for the settled ledger by bucket, team and what became of its tokens: rolled up spend, made exact.

Team-days that wait for the roll-up are read from the ledger instead, and pull requests whose note waits count as what
they are now.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache

from service.contracts.reconciliation import CostKind
from service.queries.ledger.priced_rollup import rollup_of
from service.queries.ledger.spend import SPEND_COLUMNS
from service.queries.spend.runs import Span, runs_of
from vocabulary.tokens import TOKEN_KINDS

# So long before the calendar ends that a period without an end is made of months.
LAST_DAY = date(9999, 10, 31)
_DAY_COST = 8

_COLUMNS = ", ".join(SPEND_COLUMNS)
_KNOWN = ", ".join((*TOKEN_KINDS, "{kind}_nano_usd AS cost_nano_usd"))
_SIGNED = ", ".join(f"{column} * sign AS {column}" for column in SPEND_COLUMNS)
_FATE = "split_part({stage}, '.', 1)"
_PART = """
    CASE {state} WHEN 'merged' THEN 'merged' WHEN 'open' THEN 'in_flight' WHEN 'abandoned' THEN 'abandoned' END
"""
_SCOPE = """
    ($2::bigint IS NULL OR {source}.team_id = $2)
    AND {source}.day >= coalesce($3::date, '-infinity') AND {source}.day <= coalesce($4::date, 'infinity')
"""
_RUNS = "unnest($7::int[], $8::text[], $9::date[], $10::date[], $11::int[]) AS run (bucket, grain, begins, ends, sign)"

_ROLLED = f"""
    SELECT bucket, NULL::bigint AS team_id, first AS stage, {_SIGNED}
    FROM {_RUNS}
    CROSS JOIN LATERAL (
        SELECT first, {_KNOWN} FROM spend_cut
        WHERE organization_id = $1 AND cut = 'fate' AND owner = '' AND grain = run.grain
          AND period >= run.begins AND period < run.ends OFFSET 0
    ) AS known
"""  # noqa: S608 - composed of constants
_ROLLED_BY_TEAM = f"""
    SELECT bucket, team_id, stage, {_SIGNED}
    FROM (SELECT team_id, team_id::text AS owner FROM team
          WHERE organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2) OFFSET 0) AS named
    CROSS JOIN {_RUNS}
    CROSS JOIN LATERAL (
        SELECT first AS stage, {_KNOWN} FROM spend_cut
        WHERE run.grain <> 'day' AND organization_id = $1 AND cut = 'team,fate' AND owner = named.owner
          AND grain = run.grain AND period >= run.begins AND period < run.ends
        UNION ALL
        SELECT stage, {_KNOWN} FROM spend_day
        WHERE run.grain = 'day' AND organization_id = $1 AND team_id = named.team_id
          AND day >= run.begins AND day < run.ends OFFSET 0
    ) AS known
"""  # noqa: S608 - composed of constants

_SETTLED = f"""
    stale AS MATERIALIZED (
        SELECT DISTINCT note.team_id, note.day FROM stale_spend AS note
        WHERE note.organization_id = $1 AND note.day IS NOT NULL AND {_SCOPE.format(source="note")}
    ), moved AS MATERIALIZED (
        SELECT DISTINCT note.artifact_id, {_PART.format(state="pull_request.state")} AS part,
               {_PART.format(state="known.state")} AS known_part
        FROM stale_spend AS note
        JOIN pull_request
          ON pull_request.organization_id = $1 AND pull_request.artifact_id = note.artifact_id
        JOIN pull_request_spend AS known
          ON known.organization_id = $1 AND known.artifact_id = note.artifact_id AND known.state <> pull_request.state
        WHERE note.organization_id = $1 AND note.artifact_id IS NOT NULL
    ), moved_day AS MATERIALIZED (
        SELECT spent.team_id, spent.day, moved.part, moved.known_part, {", ".join(f"spent.{c}" for c in SPEND_COLUMNS)}
        FROM moved CROSS JOIN LATERAL {{of_artifact}} AS spent
        WHERE {_SCOPE.format(source="spent")}
          AND NOT EXISTS (SELECT FROM stale WHERE stale.team_id = spent.team_id AND stale.day = spent.day)
    ), corrected AS (
        SELECT rollup.team_id, rollup.day, 1 AS sign,
               CASE WHEN rollup.artifact_id = '' THEN 'overhead' ELSE {_PART.format(state="pull_request.state")} END
                   AS part,
               {", ".join(f"rollup.{column}" for column in SPEND_COLUMNS)}
        FROM stale CROSS JOIN LATERAL {{of_day}} AS rollup
        LEFT JOIN pull_request
          ON pull_request.organization_id = $1 AND pull_request.artifact_id = rollup.artifact_id
        UNION ALL
        SELECT known.team_id, known.day, -1, {_FATE.format(stage="known.stage")}, {_KNOWN}
        FROM stale
        JOIN spend_day AS known
          ON known.organization_id = $1 AND known.team_id = stale.team_id AND known.day = stale.day
        UNION ALL
        SELECT team_id, day, 1, part, {_COLUMNS} FROM moved_day
        UNION ALL
        SELECT team_id, day, -1, known_part, {_COLUMNS} FROM moved_day
    ), settled AS (
        SELECT {_FATE.format(stage="stage")} AS part, bucket, team_id, {_COLUMNS} FROM ({{rolled}}) AS rolled
        UNION ALL
        SELECT part, width_bucket(day, $5::date[]), team_id, {_SIGNED} FROM corrected
    )
"""  # noqa: S608 - composed of constants


@cache
def settled(kind: CostKind, *, has_teams: bool) -> str:
    """Return common table expressions; `settled` has part, bucket, team_id and the columns of spend.

    The team is null unless teams are told apart. $2 is a team, $3 and $4 are the first and last day, $5 the first days
    of buckets, $7 to $11 runs.
    """
    return _SETTLED.format(
        rolled=(_ROLLED_BY_TEAM if has_teams else _ROLLED).format(kind=kind),
        of_day=rollup_of(kind, "team_id = stale.team_id AND day = stale.day"),
        of_artifact=rollup_of(kind, "artifact_id = moved.artifact_id"),
        kind=kind,
    )


def runs_of_spans(spans: Sequence[Span], *, has_teams: bool) -> list[tuple[object, ...]]:
    """Return bucket (from 1), grain, bounds and sign of the sums that spans are made of."""
    return [
        (bucket, *run)
        for bucket, span in enumerate(spans, start=1)
        for run in runs_of(Span(span.first, min(span.last, LAST_DAY)), _DAY_COST if has_teams else 1)
    ]
