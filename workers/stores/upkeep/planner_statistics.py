"""Keeps planner statistics of tables current while a backlog fills them.

Autovacuum checks about once a minute for tables that grew. An organization's first ten thousand deliveries take less
time; until then, a table assumed to be empty is scanned in full for each row, even by foreign key checks, whose plans
are cached.
"""

from collections.abc import Mapping, Sequence

from schema.database import Database

# Tables and the columns to analyze, all if empty: bodies are long and never searched.
TABLES: Mapping[str, Sequence[str]] = {
    "abbreviated_commit": [],
    "activity": [],
    "artifact_alias": [],
    "branch_commit": [],
    "delivery": ["organization_id", "delivery_id", "connection_id", "state", "next_attempt_at"],
    "outcome": [],
    "pull_request": [],
    "pull_request_labels": [],
    "pull_request_title": [],
    "release": [],
    "release_pull_request": [],
    "repository": [],
}

# Compares sizes on disk, because rows are only counted by ANALYZE. One or two pages are read as fast as an index.
_OUTGROWN = """
SELECT relname FROM pg_class
 WHERE oid = ANY($1::text[]::regclass[])
   AND pg_relation_size(oid) / current_setting('block_size')::int > 2 * relpages + 2
 ORDER BY relname
"""


async def refresh_statistics(database: Database) -> list[str]:
    """Analyze the tables that doubled in size since their last statistics; return their names.

    So it runs more rarely the more rows there are. A table that another process is analyzing is skipped.
    """
    async with database.sweep() as swept:
        outgrown: list[str] = [row["relname"] for row in await swept.connection.fetch(_OUTGROWN, list(TABLES))]
        for name in outgrown:
            await swept.connection.execute("SELECT refresh_planner_statistics($1, $2)", name, TABLES[name])
    return outgrown
