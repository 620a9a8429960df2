"""What was spent on merged pull requests by the time of their merge and up to two dimensions, from rollups.

Pull requests that wait for the roll-up count as they are now instead.
"""

from collections.abc import Sequence
from functools import cache

import asyncpg

from schema.database import Tenant, rows_as_columns
from schema.team_of import TEAM_OF_PULL_REQUEST
from service.contracts.reconciliation import CostKind
from service.queries.ledger.noted import NOTED
from service.queries.ledger.priced_rollup import rollup_of
from service.queries.spend.cells import name_of
from service.queries.spend.runs import Span, runs_of
from vocabulary.spend_cuts import cut_name
from vocabulary.tokens import TOKEN_KINDS

_KINDS = ", ".join(TOKEN_KINDS)
_TOTAL = f"({' + '.join(TOKEN_KINDS)})"
_POOLED = ("repository_tokens", "cohort_tokens")
_SUMMED = ("pull_requests", *TOKEN_KINDS, "cost_nano_usd", *_POOLED)
_GROUPS = "team_id, repository_id, feature, evidence, model, workflow"
_COLUMNS = {"team": "team_id::text", "repository": "encode(repository_id, 'hex')", "": "''::text"}
_IN_SPANS = "day >= ($2::date[])[1] AND day <= $3"

# A pull request counts for one feature, the first by name that has one of its labels, so that features add up.
_WAITING = f"""
    {NOTED}, merged AS MATERIALIZED (
        SELECT pull_request.artifact_id, {TEAM_OF_PULL_REQUEST} AS team_id,
               (merged_at AT TIME ZONE 'UTC')::date AS day, pull_request.repository_id,
               coalesce((SELECT feature.name FROM feature
                         JOIN pull_request_labels AS labelled
                           ON labelled.organization_id = $1 AND labelled.labels && feature.labels
                         WHERE feature.organization_id = $1 AND labelled.artifact_id = pull_request.artifact_id
                         ORDER BY feature.name LIMIT 1), '') AS feature
        FROM noted
        JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = noted.artifact_id
        JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
        WHERE pull_request.state = 'merged' AND merged_at IS NOT NULL
    ), waiting AS (
        SELECT 1 AS sign, day, {_GROUPS}, 0 AS pull_requests, {_KINDS}, cost_nano_usd
        FROM (SELECT merged.team_id, merged.day, repository_id, feature, evidence, model, workflow, {_KINDS},
                     cost_nano_usd
              FROM merged
              CROSS JOIN LATERAL {{rollup}} AS rollup) AS spent
        UNION ALL
        SELECT 1, day, team_id, repository_id, feature, '', '', '', 1, {", ".join("0" for _ in TOKEN_KINDS)}, 0
        FROM merged
        UNION ALL
        SELECT -1, day, {_GROUPS}, pull_requests, {_KINDS}, {{kind}}_nano_usd
        FROM noted JOIN merged_part AS known ON known.organization_id = $1 AND known.artifact_id = noted.artifact_id
    )
"""  # noqa: S608 - composed of constants
_ENTRY = f"""
    SELECT width_bucket(day, $2::date[]) AS bucket, sign, {{head}} AS head, {{tail}} AS tail, {{counted}}, {_KINDS},
           cost_nano_usd, CASE WHEN evidence = 'repository' THEN {_TOTAL} ELSE 0 END AS repository_tokens,
           CASE WHEN evidence = 'cohort' THEN {_TOTAL} ELSE 0 END AS cohort_tokens
    FROM {{source}} WHERE {_IN_SPANS}
"""  # noqa: S608 - composed of constants

_OF_ALL = """
    SELECT run.bucket, run.sign, known.*
    FROM unnest($4::int[], $5::text[], $6::date[], $7::date[], $8::int[]) AS run (bucket, grain, begins, ends, sign)
    CROSS JOIN LATERAL (
        SELECT first AS head, second AS tail, pull_requests, {kinds}, {kind}_nano_usd AS cost_nano_usd,
               repository_tokens, cohort_tokens
        FROM merged_spend
        WHERE organization_id = $1 AND cut = '{cut}' AND grain = run.grain
          AND period >= run.begins AND period < run.ends OFFSET 0
    ) AS known
"""
# The parts of a team, which are few.
_OF_TEAM = """(
    SELECT *, 1 AS sign, {kind}_nano_usd AS cost_nano_usd FROM merged_part WHERE organization_id = $1 AND team_id = $4
) AS known"""

_MERGED = """
    WITH {waiting}
    SELECT bucket, {first} AS first, {second} AS second, summed.*,
           (cost_nano_usd, {kinds}) <> (0, {zeros}) AS is_spent
    FROM (SELECT bucket, head, tail, {sums} FROM ({rolled} UNION ALL {newest}) AS entry
          GROUP BY 1, 2, 3 HAVING {something}) AS summed
"""


async def read_merged(
    tenant: Tenant, spans: Sequence[Span], dimensions: Sequence[str], team_id: int | None, cost_kind: CostKind
) -> list[asyncpg.Record]:
    """Return the sums of successive spans: bucket (from 1), first and second group, and what was merged and spent.

    A row has pull_requests (counted by dimensions of their own only), the token kinds, cost_nano_usd,
    repository_tokens, cohort_tokens, and is_spent, which is false if there are no tokens.
    """
    statement = _statement(tuple(map(str, dimensions)), cost_kind, of_team=team_id is not None)
    scope = ([span.first for span in spans], spans[-1].last)
    if team_id is not None:
        return list(await tenant.fetch(statement, *scope, team_id))
    runs = [(bucket, *run) for bucket, span in enumerate(spans, start=1) for run in runs_of(span)]
    return list(await tenant.fetch(statement, *scope, *rows_as_columns(runs)))


@cache
def _statement(dimensions: tuple[str, ...], cost_kind: CostKind, *, of_team: bool) -> str:
    first, second = (*dimensions, "", "")[:2]
    head, tail = (_COLUMNS.get(name, name) for name in (first, second))
    # Other dimensions split tokens only, so that their groups have no pull requests.
    counted = set(dimensions) <= {"team", "repository", "feature"}
    groups = {"head": head, "tail": tail, "counted": "pull_requests" if counted else "0 AS pull_requests"}
    rolled = _OF_ALL.format(cut=cut_name(dimensions), kinds=_KINDS, kind=cost_kind)
    waiting = "waiting"
    if of_team:
        rolled = _ENTRY.format(source=_OF_TEAM.format(kind=cost_kind), **groups)
        waiting = "(SELECT * FROM waiting WHERE team_id = $4) AS waiting"
    return _MERGED.format(
        waiting=_WAITING.format(rollup=rollup_of(cost_kind, "artifact_id = merged.artifact_id"), kind=cost_kind),
        first=name_of(first, "head"),
        second=name_of(second, "tail"),
        kinds=_KINDS,
        zeros=", ".join("0" for _ in TOKEN_KINDS),
        sums=", ".join(f"whole_sum({name} * sign)::bigint AS {name}" for name in _SUMMED),
        something=" OR ".join(f"whole_sum({name} * sign) <> 0" for name in _SUMMED[: -len(_POOLED)]),
        rolled=rolled,
        newest=_ENTRY.format(source=waiting, **groups),
    )
