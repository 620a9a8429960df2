"""Outcomes beside pull requests: store reports, and sum them by bucket and group."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from service.queries.spend.buckets import Bucket
from service.queries.spend.runs import Run, Span, runs_of

_SAVE = """
    INSERT INTO reported_outcome AS known (organization_id, identity, team_id, hour, feature, workflow, number,
                                           successes, quality, prompt_template)
    SELECT $1::bigint, sent.*
    FROM unnest($2::bytea[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
                $9::bigint[], $10::text[]) AS sent
    ON CONFLICT (organization_id, identity) DO UPDATE
       SET team_id = excluded.team_id, hour = excluded.hour, feature = excluded.feature, workflow = excluded.workflow,
           number = excluded.number, successes = excluded.successes, quality = excluded.quality,
           prompt_template = excluded.prompt_template
     WHERE known.organization_id = $1
       AND (known.team_id, known.hour, known.feature, known.workflow, known.number, known.successes, known.quality,
            known.prompt_template)
           IS DISTINCT FROM (excluded.team_id, excluded.hour, excluded.feature, excluded.workflow, excluded.number,
                             excluded.successes, excluded.quality, excluded.prompt_template)
    RETURNING 1
"""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('outcomes', $1::bigint))"
_DAYS = """
    SELECT DISTINCT (hour AT TIME ZONE 'UTC')::date FROM reported_outcome
    WHERE organization_id = $1 AND identity = ANY($2::bytea[])
"""
# A worker sums these days again.
_NOTE = "INSERT INTO stale_outcome (organization_id, day) SELECT $1::bigint, day FROM unnest($2::date[]) AS day"

# Runs of sums: of each bucket those from `run_from` to `run_to`, places in the arrays $4 to $7.
_READ = """
    SELECT wanted.bucket::int AS bucket, summed.*
      FROM unnest($2::int[], $3::int[]) WITH ORDINALITY AS wanted (run_from, run_to, bucket)
     CROSS JOIN LATERAL (
           SELECT CASE $10::text WHEN 'team'
                       THEN (SELECT name FROM team WHERE team.organization_id = $1
                              AND team.team_id = CASE WHEN $9 = 0 THEN known.first::bigint ELSE $9 END)
                       ELSE known.first END AS name,
                  sum(outcomes * sign)::bigint AS outcomes, sum(successes * sign)::bigint AS successes,
                  sum(with_success * sign)::bigint AS with_success, sum(quality * sign) AS quality,
                  sum(with_quality * sign)::bigint AS with_quality
             FROM (SELECT place, ($7::int[])[place] AS sign
                     FROM generate_series(wanted.run_from, wanted.run_to) AS place OFFSET 0) AS run
            CROSS JOIN LATERAL (
                  SELECT * FROM outcome_cut
                   WHERE organization_id = $1 AND cut = $8 AND team_id = $9 AND grain = ($4::text[])[run.place]
                     AND period >= ($5::date[])[run.place] AND period < ($6::date[])[run.place] OFFSET 0) AS known
            GROUP BY 1
           HAVING sum(outcomes * sign) <> 0) AS summed
"""
_STALE = "SELECT EXISTS (SELECT FROM stale_outcome WHERE organization_id = $1 AND day BETWEEN $2 AND $3)"


class StoredOutcome(NamedTuple):
    """A row of `reported_outcome`; the quality is in millionths."""

    identity: bytes
    team_id: int
    hour: datetime
    feature: str
    workflow: str
    number: int
    successes: int | None
    quality: int | None
    prompt_template: str


class Achieved(NamedTuple):
    """Summed outcomes. `quality` is the sum of millionths over `with_quality` outcomes."""

    outcomes: int = 0
    successes: int = 0
    with_success: int = 0
    quality: int = 0
    with_quality: int = 0

    def plus(self, other: "Achieved") -> "Achieved":
        """Return the sum."""
        return Achieved(*(one + another for one, another in zip(self, other, strict=True)))


async def save_outcomes(tenant: Tenant, outcomes: Sequence[StoredOutcome]) -> int:
    """Store outcomes, of each identity the last, and note their days; return how many were new or different."""
    latest = {each.identity: each for each in outcomes}
    if not latest:
        return 0
    # So that no other request moves the same outcomes from a day that neither notes.
    await tenant.execute(_LOCK)
    days = {row[0] for row in await tenant.fetch(_DAYS, list(latest))}
    rows = [latest[identity] for identity in sorted(latest)]
    changed = len(await tenant.fetch(_SAVE, *rows_as_columns(rows)))
    if changed:
        await tenant.execute(_NOTE, sorted(days | {each.hour.astimezone(UTC).date() for each in rows}))
    return changed


async def read_outcomes(
    tenant: Tenant, buckets: Sequence[Bucket], dimension: str | None, team_id: int | None
) -> dict[tuple[int, str], Achieved]:
    """Return outcomes by bucket (its place from 1) and group, of a team or all; without a dimension one empty group."""
    firsts: list[int] = []
    lasts: list[int] = []
    runs: list[Run] = []
    for bucket in buckets:
        firsts.append(len(runs) + 1)
        runs += runs_of(bucket.span)
        lasts.append(len(runs))
    # The sums of a team are not cut by team again.
    cut = "" if dimension == "team" and team_id is not None else dimension or ""
    columns = [list(column) for column in zip(*runs, strict=True)]
    rows = await tenant.fetch(_READ, firsts, lasts, *columns, cut, team_id or 0, dimension or "")
    return {(row["bucket"], row["name"]): Achieved(*(int(row[name]) for name in Achieved._fields)) for row in rows}


async def is_summed(tenant: Tenant, span: Span) -> bool:
    """Return whether all outcomes of a period are summed."""
    return not await tenant.fetchval(_STALE, *span)
