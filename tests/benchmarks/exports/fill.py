"""A ledger of one organization: windows, and one attribution of each to a merged pull request or to overhead."""

import asyncpg

from schema.database import Database
from tests.harness.organization import make_organization

TEAMS = 10
_WINDOWS = """
INSERT INTO token_window (organization_id, team_id, hour, window_id, source, provider, model, model_family,
                          context_tier, workflow, prompt_template, requests, input_uncached, cache_read,
                          output_visible, cost_nano_usd)
SELECT $1, $2, '2026-01-01Z'::timestamptz + number % 8000 * interval '1 hour',
       sha256(int8send($2::bigint) || int4send(number)), 'claude-code', 'anthropic', 'claude-sonnet-4-5',
       'claude-sonnet', 'up to 200k', '', '', 1, 1000 + number % 97, 40000 + number % 1013, 800 + number % 89,
       25000000 + number
  FROM generate_series(1, $3) AS number
"""
_ATTRIBUTIONS = """
INSERT INTO attribution (organization_id, team_id, day, hour, window_id, artifact_id, evidence, method,
                         input_uncached, cache_read, output_visible, cost_nano_usd)
SELECT organization_id, team_id, (hour AT TIME ZONE 'UTC')::date, hour, window_id,
       CASE WHEN get_byte(window_id, 0) < 200 THEN sha256(int4send(get_byte(window_id, 1))) ELSE '' END,
       CASE WHEN get_byte(window_id, 0) < 200 THEN 'branch' ELSE 'overhead' END, 'benchmark',
       input_uncached, cache_read, output_visible, cost_nano_usd
  FROM token_window
"""
_REPOSITORY = "INSERT INTO repository (organization_id, artifact_id, forge) VALUES ($1, sha256('repository'), 'github')"
_PULL_REQUESTS = """
INSERT INTO pull_request (organization_id, artifact_id, repository_id, number, state, opened_at, merged_at,
                          forge_updated_at)
SELECT $1, sha256(int4send(number)), sha256('repository'), int4send(number), 'merged', '2026-01-01Z', '2026-01-02Z',
       '2026-01-02Z'
  FROM generate_series(0, 255) AS number
"""


async def fill(database: Database, superuser_url: str, master_secret: str, rows: int) -> tuple[int, str]:
    """Create `rows` ledger rows; return the organization's id and its API key."""
    organization = await make_organization(database, master_secret, "example")
    administration = await asyncpg.connect(superuser_url)
    await administration.execute("SET session_replication_role = replica")
    for statement in (_REPOSITORY, _PULL_REQUESTS):
        await administration.execute(statement, organization.organization_id)
    for number in range(TEAMS):
        team_id = await administration.fetchval(
            "INSERT INTO team (organization_id, name) VALUES ($1, $2) RETURNING team_id",
            organization.organization_id,
            f"team {number}",
        )
        await administration.execute(_WINDOWS, organization.organization_id, team_id, rows // TEAMS)
    await administration.execute(_ATTRIBUTIONS)
    await administration.execute("ANALYZE token_window, attribution, team")
    await administration.close()
    return organization.organization_id, organization.key
