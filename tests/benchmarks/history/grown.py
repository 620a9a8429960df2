"""Makes an organization's history longer: copies of its past, each one period earlier.

Repositories, teams and branches that pull requests merge into stay; all else is copied under other hashes.
"""

from datetime import timedelta

import asyncpg

# Of a table: columns whose hashes differ in each copy, and columns that are moved into the past.
COPIED = {
    "pull_request": (
        ("artifact_id", "number", "head_branch", "head_commit"),
        ("opened_at", "merged_at", "closed_at", "sized_at", "landed_at", "forge_updated_at"),
    ),
    "activity": (("artifact_id", "reference"), ("occurred_at",)),
    "branch_commit": (("branch", "commit", "push"), ("committed_at", "pushed_at")),
    "landing": (("reference",), ("landed_at",)),
    "abbreviated_commit": (("abbreviation", "commit"), ()),
    "pull_request_title": (("artifact_id", "title"), ("reported_at",)),
    "revert": (("source", "target"), ("occurred_at",)),
    "outcome": (("artifact_id", "reverted_by"), ("reverted_at", "fix_released_at")),
    "release": (
        ("artifact_id", "commit"),
        ("released_at", "forge_updated_at", "tagged_at", "tag_created_at"),
    ),
    "release_pull_request": (("release_id", "pull_request_id"), ()),
    "release_fix": (("release_id", "fix_id"), ()),
    "token_window": (("window_id", "branch", "commit", "number", "artifact"), ("hour",)),
    "settlement": ((), ("day", "settled_at", "depends_from", "depends_to")),
    "intake_total": ((), ("day",)),
}
# Names of repositories are no copies; commits of pull requests are.
COPY_ALIASES = """
INSERT INTO artifact_alias (organization_id, kind, alias, artifact_id, first_seen_at)
SELECT organization_id, kind, substr(sha256(alias || int4send(copy)), 1, length(alias)),
       substr(sha256(artifact_id || int4send(copy)), 1, length(artifact_id)), first_seen_at - copy * $2::interval
  FROM artifact_alias, generate_series(1, $3::int) AS copy
 WHERE organization_id = $1 AND kind <> 'repository'
"""
# Each pull request's tokens stand in windows of its branch, in the hours before its end.
ADD_WINDOWS = """
INSERT INTO token_window (organization_id, team_id, hour, window_id, source, provider, model, model_family,
                          context_tier, workflow, prompt_template, requests, input_uncached, branch, repository)
SELECT pull_request.organization_id, team.team_id, date_trunc('hour', opened_at) + step * interval '3 hours',
       sha256(pull_request.artifact_id || int4send(step)), 'claude-code', 'anthropic', 'claude-sonnet-4-5', 'claude',
       '', '', '', 1, 1000, head_branch, (
       SELECT alias FROM artifact_alias
        WHERE organization_id = $1 AND kind = 'repository' AND artifact_id = pull_request.repository_id
        ORDER BY alias LIMIT 1)
  FROM pull_request JOIN team ON team.organization_id = $1 AND team.is_default, generate_series(1, $2::int) AS step
 WHERE pull_request.organization_id = $1 AND head_branch IS NOT NULL
"""
ADD_DAYS = """
INSERT INTO settlement (organization_id, team_id, day, state, method, input_uncached)
SELECT organization_id, team_id, (hour AT TIME ZONE 'UTC')::date, 'processed', 'benchmark', sum(input_uncached)
  FROM token_window WHERE organization_id = $1 GROUP BY 1, 2, 3
"""
COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
"""
WINDOWS_OF_A_PULL_REQUEST = 20


async def add_tokens(connection: asyncpg.Connection, organization_id: int) -> None:
    """Give each pull request token windows, on settled days."""
    await connection.execute(ADD_WINDOWS, organization_id, WINDOWS_OF_A_PULL_REQUEST)
    await connection.execute(ADD_DAYS, organization_id)


async def lengthen(connection: asyncpg.Connection, organization_id: int, times: int, weeks: int) -> None:
    """Make the history of an organization `times` as long; it spans `weeks` now."""
    await connection.execute("SET session_replication_role = replica")
    period = f"{weeks} weeks"
    for table, (hashes, moved) in COPIED.items():
        columns = [row["attname"] for row in await connection.fetch(COLUMNS, table)]
        values = ", ".join(_copied(column, hashes, moved) for column in columns)
        await connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {values} FROM {table}, generate_series(1, {times - 1}) AS copy"
            f" CROSS JOIN (SELECT interval '{period}' AS period) AS constants"
            f" WHERE organization_id = $1 ON CONFLICT DO NOTHING",
            organization_id,
        )
    await connection.execute(COPY_ALIASES, organization_id, timedelta(weeks=weeks), times - 1)
    await connection.execute("SET session_replication_role = DEFAULT")
    await connection.execute("VACUUM ANALYZE")


def _copied(column: str, hashes: tuple[str, ...], moved: tuple[str, ...]) -> str:
    if column == "day" or column.startswith("depends_"):
        return f"({column} - copy * period)::date"
    if column in moved:
        return f"{column} - copy * period"
    if column in hashes:
        return f"substr(sha256({column} || int4send(copy)), 1, length({column}))"
    return column
