"""A ledger of many rows: organizations with teams, pull requests, and attributions.

Pull requests are created here, because that needs the organizations' keys; their ledger and rollup rows are created in
PostgreSQL. Two thirds of the pull requests have linked evidence, the others have pooled evidence.
"""

import asyncio
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from schema.database import Database
from schema.identifiers import Hasher, artifact_text, parse_repository
from tests.harness.organization import Organization, make_organization
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.ledger.invalidate_weeks import WEEK
from workers.stores.ledger.merged_weeks import sum_next
from workers.stores.ledger.received_weeks import add_received

ORGANIZATIONS = 8
WEEKS = 52
MERGES_A_TEAM_WEEK = 48
ROWS_A_PULL_REQUEST = 20
QUESTIONS_A_TEAM = 200
OPEN_FOR = timedelta(days=3)
TABLES = ("attribution", "attribution_rollup", "pull_request")
AMOUNTS = (*TOKEN_KINDS, "cost_nano_usd")
PULL_REQUEST_COLUMNS = (
    "organization_id",
    "artifact_id",
    "repository_id",
    "number",
    "state",
    "opened_at",
    "merged_at",
    "closed_at",
    "forge_updated_at",
)

# Each pull request's tokens are in the days before its merge, of two models, linked or split.
SHARES = f"""
    SELECT pull_request.organization_id, repository.team_id, (hour AT TIME ZONE 'UTC')::date AS day, hour,
           sha256(pull_request.artifact_id || int4send(step)) AS window_id, pull_request.artifact_id,
           CASE WHEN get_byte(pull_request.artifact_id, 0) < 170 THEN 'branch'
                WHEN step % 2 = 0 THEN 'repository' ELSE 'cohort' END AS evidence,
           CASE WHEN step % 3 = 0 THEN 'claude-opus-4-1' ELSE 'claude-sonnet-4-5' END AS model,
           1000 + step * 7 + get_byte(pull_request.artifact_id, 1) AS input_uncached, 40000 + step AS cache_read,
           2000 + step AS cache_write, 800 + step AS output_visible, 100 + step AS output_reasoning,
           25000000 + step * 1000 AS cost_nano_usd
    FROM pull_request
    JOIN repository ON repository.organization_id = pull_request.organization_id
                   AND repository.artifact_id = pull_request.repository_id
    CROSS JOIN generate_series(0, {ROWS_A_PULL_REQUEST - 1}) AS step
    CROSS JOIN LATERAL (
        SELECT date_trunc('hour', opened_at) + step * interval '{OPEN_FOR // ROWS_A_PULL_REQUEST}' AS hour) AS worked
"""
SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in AMOUNTS)
FILLS = (
    f"""
    INSERT INTO attribution (organization_id, team_id, day, hour, window_id, artifact_id, evidence, method,
                             {", ".join(AMOUNTS)})
    SELECT organization_id, team_id, day, hour, window_id, artifact_id, evidence, 'benchmark',
           {", ".join(AMOUNTS)} FROM ({SHARES}) AS shares
    """,
    f"""
    INSERT INTO attribution_rollup (organization_id, team_id, day, artifact_id, evidence, model, workflow, method,
                                    {", ".join(AMOUNTS)})
    SELECT organization_id, team_id, day, artifact_id, evidence, model, '', 'benchmark', {SUMS}
    FROM ({SHARES}) AS shares GROUP BY 1, 2, 3, 4, 5, 6
    """,
)
TOTALS = (
    f"""
    INSERT INTO settlement (organization_id, team_id, day, state, settled_at, method, {", ".join(AMOUNTS)})
    SELECT organization_id, team_id, day, 'processed', now(), 'benchmark', {SUMS}
    FROM attribution_rollup GROUP BY 1, 2, 3
    """,
    f"""
    INSERT INTO intake_total (organization_id, team_id, day, requests, {", ".join(TOKEN_KINDS)})
    SELECT organization_id, team_id, day, 1, {", ".join(TOKEN_KINDS)} FROM settlement
    """,
)


CALIBRATIONS = """
    INSERT INTO interval_calibration (
           organization_id, team_id, evidence, pull_requests, offset_tokens, low, high, method)
    SELECT organization_id, team_id, evidence, number, 5000, -1.5 / sqrt(number), 1 / sqrt(number), 'benchmark'
    FROM team, unnest(ARRAY['repository', 'cohort']) AS evidence, unnest(ARRAY[1, 5, 10, 25, 50, 100]) AS number
"""
NOTE_WEEKS = f"""
    INSERT INTO stale_week (organization_id, team_id, week)
    SELECT DISTINCT $1::bigint, repository.team_id, {WEEK.format("merged_at")}
    FROM pull_request
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
    WHERE pull_request.organization_id = $1
"""


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller requests: its API key, a team, and one of the team's merged pull requests."""

    key: str
    team: str
    repository: str
    number: int
    artifact_id: str


def monday_after(weeks_ago: int) -> datetime:
    """Return the start of the week `weeks_ago` before the last complete week."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday(), weeks=weeks_ago)


async def fill(database: Database, superuser_url: str, master_secret: str, rows: int) -> list[Question]:
    """Create about `rows` ledger rows and everything they need; return questions about a sample."""
    merges = math.ceil(rows / ROWS_A_PULL_REQUEST)
    teams = max(1, round(merges / ORGANIZATIONS / WEEKS / MERGES_A_TEAM_WEEK))
    each = math.ceil(merges / ORGANIZATIONS / teams)
    administration = await asyncpg.connect(superuser_url)
    # This role bypasses row-level security, and the statements keep foreign keys valid without checks.
    await administration.execute("SET session_replication_role = replica")
    indexes = await take_indexes(administration)
    questions: list[Question] = []
    for number in range(ORGANIZATIONS):
        organization = await make_organization(database, master_secret, f"company {number}")
        for team in range(teams):
            questions += await add_team(administration, organization, f"team {team}", each)
    await asyncio.gather(*(run(superuser_url, statement) for statement in FILLS))
    await asyncio.gather(*(run(superuser_url, *statements) for statements in indexes))
    for statement in TOTALS:
        await administration.execute(statement)
    await administration.execute(CALIBRATIONS)
    for organization_id in await administration.fetch("SELECT organization_id FROM organization"):
        await roll_up_weeks(database, *organization_id)
    await administration.execute("VACUUM (ANALYZE)")
    # Otherwise PostgreSQL would write the new rows to disk during the measurement.
    await administration.execute("CHECKPOINT")
    await administration.close()
    return questions


async def roll_up_weeks(database: Database, organization_id: int) -> None:
    """Roll up merged and received tokens as workers do."""
    async with database.organization(organization_id) as tenant:
        await tenant.execute(NOTE_WEEKS)
        while await sum_next(tenant):
            pass
        while await add_received(tenant):
            pass


async def run(superuser_url: str, *statements: str) -> None:
    """Run statements on a separate connection, so that several runs use several cores."""
    connection = await asyncpg.connect(superuser_url)
    await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
    await connection.execute("SET work_mem = '256MB'; SET max_parallel_workers_per_gather = 0")
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def take_indexes(administration: asyncpg.Connection) -> list[list[str]]:
    """Drop the indexes of the largest tables; return the statements that create them again, by table."""
    again = []
    for table in TABLES[:2]:
        constraint, definition = await administration.fetchrow(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = $1::regclass AND contype = 'p'",
            table,
        )
        await administration.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        indexes = await administration.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = $1", table
        )
        for index in indexes:
            await administration.execute(f"DROP INDEX {index['indexname']}")
        made = [f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}"]
        again.append(made + [index["indexdef"] for index in indexes])
    return again


async def add_team(
    administration: asyncpg.Connection, organization: Organization, name: str, merges: int
) -> list[Question]:
    """Add a team with one repository and pull requests, merged evenly over the weeks."""
    organization_id = organization.organization_id
    team_id = await administration.fetchval(
        "INSERT INTO team (organization_id, name, size) VALUES ($1, $2, 8) RETURNING team_id", organization_id, name
    )
    repository = f"github.com/company-{organization_id}/{name.replace(' ', '-')}"
    anchor = organization.hasher.repository_by_name(parse_repository(repository))
    await administration.execute(
        "INSERT INTO repository (organization_id, artifact_id, forge, team_id) VALUES ($1, $2, 'github', $3)",
        organization_id,
        anchor,
        team_id,
    )
    await administration.execute(
        "INSERT INTO artifact_alias (organization_id, kind, alias, artifact_id) VALUES ($1, 'repository', $2, $2)",
        organization_id,
        anchor,
    )
    await administration.copy_records_to_table(
        "pull_request",
        columns=PULL_REQUEST_COLUMNS,
        records=pull_requests(organization_id, organization.hasher, anchor, merges),
    )
    sample = random.Random(name).sample(range(1, merges + 1), min(QUESTIONS_A_TEAM, merges))
    return [
        Question(
            organization.key,
            name,
            repository,
            number,
            artifact_text(organization.hasher.pull_request(anchor, number)),
        )
        for number in sample
    ]


def pull_requests(
    organization_id: int, hasher: Hasher, anchor: bytes, merges: int
) -> Iterator[tuple[int | bytes | str | datetime, ...]]:
    """Yield rows in the order of `PULL_REQUEST_COLUMNS`."""
    first = monday_after(WEEKS)
    between = timedelta(weeks=WEEKS) / merges
    for number in range(1, merges + 1):
        merged_at = first + between * (number - 1)
        artifact_id = hasher.pull_request(anchor, number)
        row = (organization_id, artifact_id, anchor, hasher.number(number), "merged")
        yield *row, merged_at - OPEN_FOR, merged_at, merged_at, merged_at
