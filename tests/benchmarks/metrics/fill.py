"""A company with many teams and a ledger of many rows, made in PostgreSQL.

Every team works on three pull requests a day, with three models, two workflows, two prompt versions and two context
tiers of its own. Spend is laid in days at once and summed by the workers' statements; the last days are left to them.
"""

import time
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import asyncpg
import click

from schema.database import Database, Tenant
from schema.received_weeks import SUMMED_KINDS
from tests.benchmarks.metrics.bulk import without_indexes
from tests.benchmarks.metrics.sums import sum_artifacts, sum_days
from tests.harness.organization import Organization, make_organization
from vocabulary.spend_cuts import MEASURES
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.spend.days import DIMENSIONS

ROWS_A_TEAM_DAY = 27
CONNECTIONS = 2
# The last days have windows and no spend yet, so that workers can roll them up.
DAYS_WITH_WINDOWS = 5
AMOUNTS = (*TOKEN_KINDS, "cost_nano_usd")
LARGE = ("attribution", "attribution_rollup", "spend_day", "spend_work", "spend_cut")

# Pull request n of a team is opened on day 2n/3, merged or closed four days later.
PULL_REQUESTS = """
    CREATE UNLOGGED TABLE made_pull_request AS
    SELECT team_id, number, sha256(convert_to(format('pull request %s %s', team_id, number), 'UTF8')) AS artifact_id,
           sha256(convert_to(format('repository %s', team_id * 2 + number % (1 + team_id % 2)), 'UTF8'))
               AS repository_id,
           CASE WHEN $2::date + number * 2 / 3 + 4 > $3::date THEN 'open' WHEN number % 10 = 0 THEN 'abandoned'
                ELSE 'merged' END AS state,
           $2::date + number * 2 / 3 AS opened, ($2::date + number * 2 / 3 + 4)::timestamptz AS ended_at,
           number % 2 = 1 AS is_released, number % 25 = 1 AS is_reverted,
           CASE WHEN number % 3 = 0 THEN '' ELSE 'feature ' || (number * 7 + team_id) % 50 END AS feature
      FROM team, generate_series(0, ($3::date - $2::date) * 3 / 2 + 3) AS number
     WHERE organization_id = $1 AND NOT is_default
"""
# It holds from within a month on.
FACTOR = """
    INSERT INTO ownership_factor (organization_id, part, provider, model, first_day, low, value, high, source)
    VALUES ($1, 'orchestration', '', '', $2, 100000, 150000, 200000, 'benchmark')
"""
FORGE = (
    """
    INSERT INTO repository (organization_id, artifact_id, forge, team_id)
    SELECT DISTINCT ON (repository_id) $1::bigint, repository_id, 'github', team_id FROM made_pull_request
    """,
    """
    INSERT INTO pull_request (organization_id, artifact_id, repository_id, number, state, opened_at, merged_at,
                              closed_at, forge_updated_at)
    SELECT $1::bigint, artifact_id, repository_id, artifact_id, state, opened,
           CASE WHEN state = 'merged' THEN ended_at END, CASE WHEN state <> 'open' THEN ended_at END, ended_at
      FROM made_pull_request
    """,
    """
    INSERT INTO outcome (organization_id, artifact_id, pushes_after_opening, review_rounds, reverted_at)
    SELECT $1::bigint, artifact_id, 2, 1, CASE WHEN is_reverted AND state = 'merged' THEN ended_at END
      FROM made_pull_request
    """,
    """
    INSERT INTO release (organization_id, artifact_id, repository_id, state, released_at, forge_updated_at)
    SELECT DISTINCT $1::bigint, sha256(repository_id || convert_to(date_trunc('week', ended_at)::text, 'UTF8')),
           repository_id, 'published', date_trunc('week', ended_at), date_trunc('week', ended_at)
      FROM made_pull_request WHERE state = 'merged' AND is_released
    """,
    """
    INSERT INTO release_pull_request (organization_id, release_id, pull_request_id)
    SELECT $1::bigint, sha256(repository_id || convert_to(date_trunc('week', ended_at)::text, 'UTF8')), artifact_id
      FROM made_pull_request WHERE state = 'merged' AND is_released
    """,
    """
    INSERT INTO feature (organization_id, name, labels)
    SELECT $1::bigint, feature, ARRAY[sha256(convert_to(feature, 'UTF8'))]
      FROM (SELECT DISTINCT feature FROM made_pull_request WHERE feature <> '') AS named
    """,
    """
    INSERT INTO pull_request_labels (organization_id, artifact_id, labels, reported_at)
    SELECT $1::bigint, artifact_id, ARRAY[sha256(convert_to(feature, 'UTF8'))], opened
      FROM made_pull_request WHERE feature <> ''
    """,
)

# The rows of a day, k from 0. Every ninth is overhead.
SHARES = f"""
    SELECT team.team_id, day::date AS day, day + least(k, 23) * interval '1 hour' AS hour,
           sha256(convert_to(format('window %s %s %s', team.team_id, day::date, k), 'UTF8')) AS window_id,
           CASE WHEN k % 9 = 8 THEN '' ELSE work.artifact_id END AS artifact_id,
           CASE WHEN k % 9 = 8 THEN 'overhead' WHEN k % 3 = 0 THEN 'branch' WHEN k % 3 = 1 THEN 'commit'
                ELSE 'cohort' END AS evidence,
           'provider ' || (team.team_id * 3 + k % 3) % 8 % 3 AS provider,
           'model ' || (team.team_id * 3 + k % 3) % 8 AS model, 'workflow ' || (team.team_id + k % 2) % 6 AS workflow,
           'tier ' || k % 2 AS context_tier, 'v' || team.team_id % 40 * 2 + k % 2 AS prompt_template,
           CASE WHEN k % 9 = 8 THEN '' ELSE work.repository_id END AS repository_id,
           CASE WHEN k % 9 = 8 THEN '' ELSE work.feature END AS feature,
           CASE WHEN k % 9 = 8 THEN 'overhead' WHEN work.state = 'open' THEN 'in_flight'
                WHEN work.state = 'abandoned' THEN 'abandoned'
                ELSE 'merged' || CASE WHEN work.is_released THEN '.released' ELSE '' END
                     || CASE WHEN work.is_reverted THEN '.reverted' ELSE '' END END AS stage,
           1000 + k * 7 + team.team_id % 100 AS input_uncached, 40000 + k AS cache_read, 2000 + k AS cache_write,
           800 + k AS output_visible, 100 + k AS output_reasoning, 25000000 + k * 1000 AS cost_nano_usd,
           '' AS guardrail,
           3 + k % 2 AS requests, (k = 5)::int AS failed_requests, 3 AS timed_requests, 4000 + k AS duration_ms
      FROM team
     CROSS JOIN generate_series($2::timestamptz, $3::timestamptz, interval '1 day') AS day
     CROSS JOIN generate_series(0, {ROWS_A_TEAM_DAY - 1}) AS k
      JOIN made_pull_request AS work
        ON work.team_id = team.team_id AND work.number = (day::date - $4::date) * 3 / 2 + k % 3
     WHERE team.organization_id = $1 AND NOT team.is_default
"""
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in AMOUNTS)
MAKE_SHARES = f"CREATE UNLOGGED TABLE made_share AS {SHARES}"
LEDGER = (
    f"""
    INSERT INTO attribution (organization_id, team_id, day, hour, window_id, artifact_id, evidence, method,
                             {", ".join(AMOUNTS)})
    SELECT $1::bigint, team_id, day, hour, window_id, artifact_id, evidence, 'benchmark', {", ".join(AMOUNTS)}
      FROM made_share AS share
    """,
    f"""
    INSERT INTO attribution_rollup (organization_id, team_id, day, artifact_id, evidence, model, workflow, method,
                                    {", ".join(AMOUNTS)})
    SELECT $1::bigint, team_id, day, artifact_id, evidence, model, workflow, 'benchmark', {_SUMS}
      FROM made_share GROUP BY 2, 3, 4, 5, 6, 7
    """,
)
SPEND = f"""
    INSERT INTO spend_day (organization_id, team_id, day, cell, {", ".join(DIMENSIONS)}, {", ".join(MEASURES)})
    SELECT $1::bigint, team_id, day, row_number() OVER (PARTITION BY team_id, day), {", ".join(DIMENSIONS)},
           {", ".join(f"sum({kind})" for kind in TOKEN_KINDS)}, sum(cost_nano_usd), sum(cost_nano_usd), 0,
           sum(requests), sum(failed_requests), sum(timed_requests), sum(duration_ms)
      FROM made_share WHERE day <= $2::date GROUP BY team_id, day, {", ".join(DIMENSIONS)}
"""
WORK = f"""
    INSERT INTO spend_work (organization_id, team_id, day, artifact_id, provider, model, {", ".join(MEASURES)},
                            linked_tokens)
    SELECT $1::bigint, team_id, day, artifact_id, provider, model, {", ".join(f"sum({kind})" for kind in TOKEN_KINDS)},
           sum(cost_nano_usd), sum(cost_nano_usd), 0, sum(requests), sum(failed_requests), sum(timed_requests),
           sum(duration_ms),
           coalesce(sum({" + ".join(TOKEN_KINDS)}) FILTER (WHERE evidence IN ('artifact', 'commit', 'branch')), 0)
      FROM made_share WHERE day <= $2::date GROUP BY 2, 3, 4, 5, 6
"""
WINDOWS = f"""
    INSERT INTO token_window (organization_id, team_id, hour, window_id, source, provider, model, model_family,
           context_tier, workflow, prompt_template, requests, failed_requests, timed_requests, duration_ms,
           {", ".join(AMOUNTS)})
    SELECT $1::bigint, team_id, hour, window_id, 'benchmark', provider, model, '', context_tier, workflow,
           prompt_template, requests, failed_requests, timed_requests, duration_ms, {", ".join(AMOUNTS)}
      FROM made_share WHERE day > $2::date
"""
TOTALS = (
    f"""
    INSERT INTO settlement (organization_id, team_id, day, state, settled_at, method, {", ".join(AMOUNTS)})
    SELECT organization_id, team_id, day, 'processed', now(), 'benchmark', {_SUMS}
      FROM attribution_rollup WHERE organization_id = $1 GROUP BY 1, 2, 3
    """,
    f"""
    INSERT INTO intake_total (organization_id, team_id, day, requests, {", ".join(TOKEN_KINDS)}, summed_tokens,
                              {", ".join(SUMMED_KINDS)})
    SELECT organization_id, team_id, day, 1, {", ".join(TOKEN_KINDS)}, {" + ".join(TOKEN_KINDS)},
           {", ".join(TOKEN_KINDS)}
      FROM settlement WHERE organization_id = $1
    """,
    f"""
    INSERT INTO received_day (organization_id, day, {", ".join(TOKEN_KINDS)})
    SELECT organization_id, day, {", ".join(f"sum({kind})" for kind in TOKEN_KINDS)}
      FROM intake_total WHERE organization_id = $1 GROUP BY 1, 2
    """,
    f"""
    INSERT INTO received_cut (organization_id, grain, period, team_id, {", ".join(TOKEN_KINDS)})
    SELECT organization_id, grain, date_trunc(grain, day::timestamp)::date AS start, team_id,
           {", ".join(f"sum({kind})" for kind in TOKEN_KINDS)}
      FROM intake_total CROSS JOIN (VALUES ('week'), ('month')) AS span (grain)
     WHERE organization_id = $1 GROUP BY organization_id, grain, start, team_id
    """,
)


class Company(NamedTuple):
    """The organization, and the first and last day of its ledger."""

    organization: Organization
    first: date
    last: date


async def fill(database: Database, superuser_url: str, master_secret: str, rows: int, teams: int) -> Company:
    """Create about `rows` ledger rows of `teams` teams, which end yesterday."""
    clock = Clock()
    company = await make_organization(database, master_secret, "company")
    last = datetime.now(UTC).date() - timedelta(days=1)
    first = last - timedelta(days=max(DAYS_WITH_WINDOWS, round(rows / teams / ROWS_A_TEAM_DAY)) - 1)
    administration, *helping = [await connect(superuser_url) for _ in range(CONNECTIONS)]
    organization_id = company.organization_id
    await administration.execute(
        "INSERT INTO team (organization_id, name, size)"
        " SELECT $1, 'team ' || number, 3 + number % 9 FROM generate_series(1, $2::int) AS number",
        organization_id,
        teams,
    )
    await administration.execute(FACTOR, organization_id, last.replace(day=1) - timedelta(days=45))
    await administration.execute(PULL_REQUESTS, organization_id, first, last)
    for statement in FORGE:
        await administration.execute(statement, organization_id)
    await administration.execute("ANALYZE")
    spent_to = last - timedelta(days=DAYS_WITH_WINDOWS)
    async with without_indexes(administration, LARGE):
        for begins, ends in months(first, last):
            await administration.execute(MAKE_SHARES, organization_id, _midnight(begins), _midnight(ends), first)
            for statement in LEDGER:
                await administration.execute(statement, organization_id)
            for statement in (SPEND, WORK, WINDOWS):
                await administration.execute(statement, organization_id, spent_to)
            await administration.execute("DROP TABLE made_share")
        for statement in TOTALS:
            await administration.execute(statement, *([organization_id] if "$1" in statement else []))
        clock("ledger")
        await sum_days([administration, *helping], organization_id, months(first, spent_to))
    clock("sums of days")
    await sum_artifacts(Tenant(administration, organization_id), months(first, last))
    clock("sums of pull requests")
    await administration.execute("DROP TABLE made_pull_request")
    await administration.execute("VACUUM (ANALYZE)")
    # Otherwise PostgreSQL would write the new rows to disk during the measurement.
    await administration.execute("CHECKPOINT")
    for connection in (administration, *helping):
        await connection.close()
    return Company(company, first, last)


class Clock:
    """Prints how long each part took."""

    def __init__(self) -> None:
        self.begins = time.perf_counter()

    def __call__(self, part: str) -> None:
        """Print the seconds since the last part."""
        now = time.perf_counter()
        click.echo(f"{part}: {now - self.begins:.0f} s", err=True)
        self.begins = now


async def connect(superuser_url: str) -> asyncpg.Connection:
    """Connect as a role that bypasses row-level security; the statements keep foreign keys valid without checks."""
    connection = await asyncpg.connect(superuser_url)
    await connection.execute("SET session_replication_role = replica; SET timezone = 'UTC'")
    await connection.execute("SET work_mem = '512MB'; SET maintenance_work_mem = '1GB'; SET jit = off")
    return connection


def months(first: date, last: date) -> list[tuple[date, date]]:
    """Cut a period into parts within a month."""
    parts = []
    while first <= last:
        ends = min(last, (first.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        parts.append((first, ends))
        first = ends + timedelta(days=1)
    return parts


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
