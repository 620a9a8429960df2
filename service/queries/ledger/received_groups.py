"""All tokens of a period by up to two dimensions: rolled up spend, with the newest tokens of days that wait."""

from collections.abc import Sequence
from functools import cache

import asyncpg

from schema.database import Tenant, rows_as_columns
from service.queries.ledger.received import RECEIVED
from service.queries.ledger.settled import LAST_DAY
from service.queries.spend.cells import name_of
from service.queries.spend.runs import Span, runs_of
from vocabulary.spend_cuts import cut_name
from vocabulary.tokens import TOKEN_KINDS

_TOTAL = " + ".join(TOKEN_KINDS)
_COLUMNS = {"team": "{source}.team_id::text", "": "''::text"}

# Days without tokens that wait are rolled up; of the others, windows say what there is, or by evidence the ledger.
_WAITING = """
    SELECT team_id, day FROM stale_spend
    WHERE organization_id = $1 AND day BETWEEN $3 AND $4 AND ($2::bigint IS NULL OR team_id = $2)
"""
_UNSETTLED = f"""
    {_WAITING}
    UNION
    SELECT team_id, day FROM settlement
    WHERE organization_id = $1 AND state <> 'processed' AND day BETWEEN $3 AND $4
      AND ($2::bigint IS NULL OR team_id = $2)
"""  # noqa: S608 - composed of constants
_RUNS = "unnest($6::int[], $7::text[], $8::date[], $9::date[], $10::int[]) AS run (bucket, grain, begins, ends, sign)"
_SHARED = f"""
    SELECT bucket, first AS head, second AS tail, tokens * sign AS tokens, requests * sign AS requests
    FROM {_RUNS}
    CROSS JOIN LATERAL (
        SELECT first, second, {_TOTAL} AS tokens, requests FROM spend_cut
        WHERE organization_id = $1 AND cut = '{{cut}}' AND owner = '' AND grain = run.grain
          AND period >= run.begins AND period < run.ends OFFSET 0
    ) AS known
"""  # noqa: S608 - composed of constants
_BY_TEAM = f"""
    SELECT bucket, {{head}} AS head, {{tail}} AS tail, tokens * sign AS tokens, requests * sign AS requests
    FROM (SELECT team_id, team_id::text AS owner FROM team
          WHERE organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2) OFFSET 0) AS named
    CROSS JOIN {_RUNS}
    CROSS JOIN LATERAL (
        SELECT first AS value, {_TOTAL} AS tokens, requests FROM spend_cut
        WHERE run.grain <> 'day' AND organization_id = $1 AND cut = '{{cut}}' AND owner = named.owner
          AND grain = run.grain AND period >= run.begins AND period < run.ends
        UNION ALL
        SELECT {{value}}, {_TOTAL}, requests FROM spend_day
        WHERE run.grain = 'day' AND organization_id = $1 AND team_id = named.team_id
          AND day >= run.begins AND day < run.ends OFFSET 0
    ) AS known
"""  # noqa: S608 - composed of constants
_NEWEST = f"""
    SELECT width_bucket(waiting.day, $5::date[]) AS bucket, {{head}} AS head, {{tail}} AS tail, {_TOTAL} AS tokens,
           {{requests}} AS requests
    FROM waiting JOIN {{source}} ON {{source}}.organization_id = $1 AND {{source}}.team_id = waiting.team_id AND {{on}}
"""  # noqa: S608 - composed of constants
_ON = {
    "spend_day": "spend_day.day = waiting.day",
    "attribution_rollup": "attribution_rollup.day = waiting.day",
    "token_window": "token_window.hour >= waiting.begins AND token_window.hour < waiting.ends",
}
# Events that are not folded yet have no other group than their team.
_EVENTS = f"""
    UNION ALL
    SELECT width_bucket((occurred_at AT TIME ZONE 'UTC')::date, $5::date[]), {{head}}, ''::text, {_TOTAL}, 1
    FROM token_event
    WHERE organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
      AND (occurred_at AT TIME ZONE 'UTC')::date BETWEEN $3 AND $4
      AND (batch_id, received_at) IN (SELECT batch_id, received_at FROM intake_batch
                                      WHERE organization_id = $1 AND state <> 'processed')
"""  # noqa: S608 - composed of constants
_RECEIVED = """
    WITH waiting AS MATERIALIZED (
        SELECT team_id, day, day::timestamp AT TIME ZONE 'UTC' AS begins,
               (day + 1)::timestamp AT TIME ZONE 'UTC' AS ends FROM ({waiting}) AS found
    ), entry AS (
        {rolled}
        UNION ALL
        SELECT bucket, head, tail, -tokens, -requests FROM ({outdated}) AS outdated
        UNION ALL
        {newest} {events}
    )
    SELECT bucket, {first} AS first, {second} AS second, tokens
    FROM (SELECT bucket, head, tail, sum(tokens)::bigint AS tokens FROM entry GROUP BY 1, 2, 3
          HAVING sum(tokens) <> 0 OR sum(requests) <> 0) AS summed
"""

# A team's days are few, and tell days with requests without tokens too.
_OF_TEAM = f"""
    SELECT width_bucket(day, $5::date[]) AS bucket, CASE WHEN $6 THEN team.name ELSE '' END AS first, '' AS second,
           sum({_TOTAL})::bigint AS tokens
    FROM {RECEIVED} AS received JOIN team ON team.organization_id = $1 AND team.team_id = received.team_id
    WHERE received.team_id = $2 AND day BETWEEN $3 AND $4
    GROUP BY 1, 2
"""  # noqa: S608 - composed of constants


async def read_received(
    tenant: Tenant, spans: Sequence[Span], dimensions: Sequence[str], team_id: int | None
) -> list[asyncpg.Record]:
    """Return the tokens of successive spans that have requests: bucket (from 1), first and second group, tokens.

    The dimensions are up to two of team, model, workflow and evidence. Days that wait are counted as they are.
    """
    names = tuple(map(str, dimensions))
    scope = (team_id, spans[0].first, spans[-1].last, [span.first for span in spans])
    if team_id is not None and set(names) <= {"team"}:
        return list(await tenant.fetch(_OF_TEAM, *scope, bool(names)))
    by_team = team_id is not None or "team" in names
    runs = [
        (bucket, *run)
        for bucket, span in enumerate(spans, start=1)
        for run in runs_of(Span(span.first, min(span.last, LAST_DAY)), 8 if by_team else 1)
    ]
    return list(await tenant.fetch(_statement(names, of_team=team_id is not None), *scope, *rows_as_columns(runs)))


@cache
def _statement(dimensions: tuple[str, ...], *, of_team: bool) -> str:
    first, second = (*dimensions, "", "")[:2]
    by_evidence = "evidence" in dimensions
    newest = "attribution_rollup" if by_evidence else "token_window"
    outdated = _newest("spend_day", first, second)
    return _RECEIVED.format(
        waiting=_WAITING if by_evidence else _UNSETTLED,
        rolled=_rolled(first, second, of_team=of_team),
        outdated=outdated,
        newest=_newest(newest, first, second),
        events=_EVENTS.format(head=_column(first, "token_event")) if set(dimensions) <= {"team"} else "",
        first=name_of(first, "head"),
        second=name_of(second, "tail"),
    )


def _rolled(first: str, second: str, *, of_team: bool) -> str:
    others = [name for name in (first, second) if name not in {"", "team"}]
    if of_team and len(others) > 1:
        # A team's sums have one more dimension; of two others, its days have all.
        return f"""
            SELECT bucket, {first} AS head, {second} AS tail, ({_TOTAL}) * sign AS tokens, requests * sign AS requests
            FROM {_RUNS} JOIN spend_day ON organization_id = $1 AND team_id = $2 AND day >= begins AND day < ends
        """  # noqa: S608 - composed of constants
    if not of_team and (first != "team" or not others):
        return _SHARED.format(cut=cut_name(tuple(name for name in (first, second) if name)))
    other = others[0] if others else "fate"
    value = "known.value" if others else "''::text"
    return _BY_TEAM.format(
        cut=cut_name(("team", other)),
        value="stage" if other == "fate" else other,
        head="named.owner" if first == "team" else value,
        tail=value if first == "team" else "''::text",
    )


def _newest(source: str, first: str, second: str) -> str:
    head, tail = (_column(name, source) for name in (first, second))
    requests = "0" if source == "attribution_rollup" else f"{source}.requests"
    return _NEWEST.format(requests=requests, source=source, on=_ON[source], head=head, tail=tail)


def _column(dimension: str, source: str) -> str:
    return _COLUMNS.get(dimension, f"{{source}}.{dimension}").format(source=source)
