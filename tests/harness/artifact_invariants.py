"""Invariants of the spend of pull requests and releases: equal to the ledger, and to the sums of merges.

Tests store some pull requests and releases without a note; those without tokens may be missing.
"""

import asyncpg

from schema.team_of import TEAM_OF_PULL_REQUEST
from vocabulary.intervals import RELIABLE_SHARE
from vocabulary.spend_cuts import COSTS, MEASURES, MERGED_CUTS, OWN_OF_MERGED, REWORK, cut_name
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.spend.merges import STEP_OF, STEPPED

_TOTAL = " + ".join(TOKEN_KINDS)
_WORK = f"""
    SELECT {{keys}}, {", ".join(f"sum({name})::bigint" for name in MEASURES)} FROM {{table}}
     WHERE organization_id = $1 GROUP BY {{keys}} ORDER BY {{keys}}
"""
_KEYS = "team_id, day, provider, model"

_PULL_REQUESTS = f"""
    SELECT pull_request.artifact_id, {TEAM_OF_PULL_REQUEST} AS team_id, pull_request.state, pull_request.merged_at,
           coalesce(is_bot, false) AS is_bot,
           coalesce((SELECT sum({_TOTAL}) FROM attribution
                      WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id), 0)::bigint AS tokens,
           coalesce((SELECT sum({_TOTAL}) FROM attribution
                      WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id
                        AND evidence IN ('artifact', 'commit', 'branch')), 0)::bigint AS linked_tokens,
           coalesce((SELECT sum(cost_nano_usd) FROM attribution
                      WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id), 0)::bigint
               AS list_nano_usd,
           coalesce((SELECT sum(billed_nano_usd) FROM ledger_cost
                      WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id), 0)::bigint
               AS billed_nano_usd,
           coalesce(pushes_after_opening, 0) AS pushes_after_opening, coalesce(review_rounds, 0) AS review_rounds,
           coalesce(reverted_at < merged_at + interval '14 days', false)::int AS reverted,
           (fix_released_at IS NOT NULL)::int AS fix_released,
           CASE WHEN pull_request.state = 'merged'
                THEN coalesce((SELECT array_agg(DISTINCT day ORDER BY day) FROM attribution_rollup
                                WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id), '{{}}')
                ELSE '{{}}' END AS days,
           CASE WHEN pull_request.state = 'merged'
                THEN coalesce((SELECT array_agg(spent ORDER BY day)
                                 FROM (SELECT day, sum(cost_nano_usd)::bigint AS spent FROM attribution_rollup
                                        WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id
                                        GROUP BY day) AS of_day), '{{}}')
                ELSE '{{}}' END AS day_costs
      FROM pull_request
      LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = pull_request.artifact_id
      JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
     WHERE pull_request.organization_id = $1
       AND (EXISTS (SELECT FROM attribution
                     WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id)
            OR EXISTS (SELECT FROM pull_request_spend
                        WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id))
     ORDER BY 1
"""
_KEPT = f"""
    SELECT artifact_id, team_id, state, merged_at, is_bot, tokens, linked_tokens, list_nano_usd, billed_nano_usd,
           {", ".join(REWORK)}, days, day_costs
      FROM pull_request_spend WHERE organization_id = $1 ORDER BY 1
"""
_WORKED = """
    SELECT worked.day, coalesce(days[place - 1], '-infinity') AS day_before, count(*)
      FROM pull_request_spend, unnest(days) WITH ORDINALITY AS worked (day, place)
     WHERE organization_id = $1 AND state = 'merged' GROUP BY 1, 2 ORDER BY 1, 2
"""
_KEPT_WORKED = "SELECT day, day_before, pull_requests FROM worked_day WHERE organization_id = $1 ORDER BY 1, 2"
_KEPT_ENDS = """
    SELECT first_day, last_day, artifact_id FROM pull_request_spend WHERE organization_id = $1
       AND (first_day, last_day) IS DISTINCT FROM (days[1], days[cardinality(days)])
"""
_RELEASES = f"""
    SELECT release.artifact_id, {", ".join(f"coalesce(sum(spent.{cost}), 0)::bigint" for cost in COSTS)}
      FROM release
      LEFT JOIN (SELECT link.release_id, kept.* FROM release_pull_request AS link
                   JOIN pull_request_spend AS kept ON kept.artifact_id = link.pull_request_id
                   LEFT JOIN outcome ON outcome.artifact_id = link.pull_request_id
                  WHERE link.organization_id = $1 AND outcome.reverted_at IS NULL) AS spent
        ON spent.release_id = release.artifact_id
     WHERE release.organization_id = $1
       AND (spent.release_id IS NOT NULL OR EXISTS (SELECT FROM release_spend AS kept
                                                     WHERE kept.artifact_id = release.artifact_id))
     GROUP BY 1 ORDER BY 1
"""
_KEPT_RELEASES = f"""
    SELECT artifact_id, {", ".join(COSTS)} FROM release_spend WHERE organization_id = $1 ORDER BY 1
"""

_CUTS = {"team": "team_id", "bots": "team_id", **{cut: STEP_OF.format(amount) for cut, amount in STEPPED.items()}}
_LINKED = f"NOT is_bot AND tokens > 0 AND linked_tokens >= {RELIABLE_SHARE} * tokens"
_CONDITIONS = {"team": "true", "bots": "is_bot"}
_AMOUNTS = ", ".join(f"sum({name})::bigint" for name in (*COSTS, "tokens", *REWORK))
_MERGES = f"""
    SELECT grain, date_trunc(grain, merged_at AT TIME ZONE 'UTC')::date AS period, {{value}} AS value,
           count(*), {_AMOUNTS}
      FROM pull_request_spend, (VALUES ('day'), ('week'), ('month')) AS span (grain)
     WHERE organization_id = $1 AND state = 'merged' AND {{condition}} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_KEPT_MERGES = f"""
    SELECT grain, period, value, pull_requests, {", ".join((*COSTS, "tokens", *REWORK))}
      FROM merged_cut WHERE organization_id = $1 AND cut = $2 ORDER BY 1, 2, 3
"""

_OWN = ", ".join(f"sum({name})::bigint" for name in (*TOKEN_KINDS, *COSTS))
_PERIOD = "date_trunc(grain, merged_at AT TIME ZONE 'UTC')::date"
_MERGED_WORK = (
    f"""
    SELECT grain, {_PERIOD} AS period, {_OWN}
      FROM pull_request_spend JOIN spend_work AS work USING (organization_id, artifact_id),
           (VALUES ('day'), ('week'), ('month')) AS span (grain)
     WHERE organization_id = $1 AND state = 'merged' AND merged_at IS NOT NULL
     GROUP BY 1, 2 HAVING sum({_TOTAL} + work.list_nano_usd + work.billed_nano_usd) > 0 ORDER BY 1, 2
""".replace("sum(list", "sum(work.list")
    .replace("sum(eff", "sum(work.eff")
    .replace("sum(bil", "sum(work.bil")
)
_MERGED_SPEND = f"""
    SELECT grain, period, {_OWN} FROM merged_spend WHERE organization_id = $1 AND cut = $2
     GROUP BY 1, 2 HAVING sum({_TOTAL} + list_nano_usd + billed_nano_usd) > 0 ORDER BY 1, 2
"""
_COUNTED = """
    SELECT grain, {period} AS period, {number}::bigint FROM {source}
     WHERE organization_id = $1 AND {condition} GROUP BY 1, 2 HAVING {number} > 0 ORDER BY 1, 2
"""


async def assert_artifacts(connection: asyncpg.Connection, organization_id: int) -> None:
    """Check what is kept of pull requests, releases and merges, when no note waits."""

    async def rows(statement: str, *arguments: object) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await connection.fetch(statement, organization_id, *arguments)]

    work, days = [await rows(_WORK.format(keys=_KEYS, table=table)) for table in ("spend_work", "spend_day")]
    assert work == days, "the work of team-days does not sum to their spend"
    assert await rows(_KEPT) == await rows(_PULL_REQUESTS), "the spend of pull requests is not that of the ledger"
    assert await rows(_KEPT_RELEASES) == await rows(_RELEASES), "the cost of releases is not that of what they ship"
    for cut, value in _CUTS.items():
        merges = await rows(_MERGES.format(value=value, condition=_CONDITIONS.get(cut, _LINKED)))
        assert await rows(_KEPT_MERGES, cut) == merges, f"merged pull requests by {cut} are not those that were merged"
    assert await rows(_KEPT_WORKED) == await rows(_WORKED), "days of merged pull requests are not those of their work"
    assert not await rows(_KEPT_ENDS), "first and last days are not those of the days"
    merged = await rows(_MERGED_WORK)
    for cut in map(cut_name, MERGED_CUTS):
        assert await rows(_MERGED_SPEND, cut) == merged, (
            f"what was spent on merges by {cut!r} is not that of their work"
        )
    spans = "pull_request_spend, (VALUES ('day'), ('week'), ('month')) AS span (grain)"
    condition = "state = 'merged' AND merged_at IS NOT NULL"
    counted = await rows(_COUNTED.format(period=_PERIOD, number="count(*)", source=spans, condition=condition))
    for cut in map(cut_name, MERGED_CUTS):
        if set(cut.split(",")) <= {"", *OWN_OF_MERGED}:
            summed = _COUNTED.format(
                period="period", number="sum(pull_requests)", source="merged_spend", condition=f"cut = '{cut}'"
            )
            assert await rows(summed) == counted, f"merges by {cut!r} are not those of pull requests"
