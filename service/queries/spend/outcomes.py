"""Outcomes beside pull requests: store reports, and sum them by bucket and group."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from service.queries.spend.buckets import Bucket

_SAVE = """
    INSERT INTO reported_outcome AS known (organization_id, identity, team_id, hour, feature, workflow, number,
                                           successes, quality)
    SELECT $1::bigint, sent.*
    FROM unnest($2::bytea[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
                $9::bigint[]) AS sent
    ON CONFLICT (organization_id, identity) DO UPDATE
       SET team_id = excluded.team_id, hour = excluded.hour, feature = excluded.feature, workflow = excluded.workflow,
           number = excluded.number, successes = excluded.successes, quality = excluded.quality
     WHERE known.organization_id = $1
       AND (known.team_id, known.hour, known.feature, known.workflow, known.number, known.successes, known.quality)
           IS DISTINCT FROM (excluded.team_id, excluded.hour, excluded.feature, excluded.workflow, excluded.number,
                             excluded.successes, excluded.quality)
    RETURNING 1
"""

_READ = """
    SELECT wanted.bucket::int AS bucket, summed.*
      FROM unnest($2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS wanted (begins, ends, bucket)
     CROSS JOIN LATERAL (
           SELECT CASE $4::text WHEN 'team' THEN team.name WHEN 'feature' THEN feature
                       WHEN 'workflow' THEN workflow ELSE '' END AS name,
                  sum(number)::bigint AS outcomes, coalesce(sum(successes), 0)::bigint AS successes,
                  coalesce(sum(number) FILTER (WHERE successes IS NOT NULL), 0)::bigint AS with_success,
                  coalesce(sum(quality::numeric * number), 0) AS quality,
                  coalesce(sum(number) FILTER (WHERE quality IS NOT NULL), 0)::bigint AS with_quality
             FROM reported_outcome AS reported
             JOIN team ON team.organization_id = $1 AND team.team_id = reported.team_id
            WHERE reported.organization_id = $1 AND hour >= wanted.begins AND hour < wanted.ends
              AND ($5::bigint IS NULL OR reported.team_id = $5)
            GROUP BY 1) AS summed
"""


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
    """Store outcomes, of each identity the last; return how many were new or different."""
    latest = {each.identity: each for each in outcomes}
    if not latest:
        return 0
    return len(await tenant.fetch(_SAVE, *rows_as_columns([latest[identity] for identity in sorted(latest)])))


async def read_outcomes(
    tenant: Tenant, buckets: Sequence[Bucket], dimension: str | None, team_id: int | None
) -> dict[tuple[int, str], Achieved]:
    """Return outcomes by bucket (its place from 1) and group, of a team or all; without a dimension one empty group."""
    begins = [datetime.combine(each.span.first, time(), UTC) for each in buckets]
    ends = [datetime.combine(each.span.last, time(), UTC) + timedelta(days=1) for each in buckets]
    rows = await tenant.fetch(_READ, begins, ends, dimension or "", team_id)
    return {(row["bucket"], row["name"]): Achieved(*(int(row[name]) for name in Achieved._fields)) for row in rows}
