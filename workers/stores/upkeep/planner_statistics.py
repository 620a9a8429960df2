"""What the planner knows of tables that a backlog fills, kept true while they grow.

PostgreSQL looks about once a minute at what has grown. The first ten thousand deliveries of an organization do not take
as long, and until then each row of a table that is taken for empty is looked for by reading all of it, even by the
checks of foreign keys, whose plans stay as they were made.
"""

from schema.database import Database

# And the columns that are looked at, where not all are worth it: bodies are long, and nobody looks for them.
TABLES = {
    "abbreviated_commit": "",
    "activity": "",
    "artifact_alias": "",
    "branch_commit": "",
    "delivery": "(organization_id, delivery_id, connection_id, state, next_attempt_at)",
    "outcome": "",
    "pull_request": "",
    "pull_request_labels": "",
    "pull_request_title": "",
    "release": "",
    "release_pull_request": "",
    "repository": "",
}

# By their size on disk: rows are counted only when statistics are taken. A page or two are read as quickly as an index.
_OUTGROWN = """
SELECT relname FROM pg_class
 WHERE oid = ANY($1::text[]::regclass[])
   AND pg_relation_size(oid) / current_setting('block_size')::int > 2 * relpages + 2
 ORDER BY relname
"""


async def refresh_statistics(database: Database) -> list[str]:
    """Take statistics of the tables that are twice as large as when they were taken last; their names.

    The more rows there are, the more rarely. A table that somebody else takes them of is left to him.
    """
    async with database.operator() as connection:
        outgrown: list[str] = [row["relname"] for row in await connection.fetch(_OUTGROWN, list(TABLES))]
        if outgrown:
            named = ", ".join(f"{name} {TABLES[name]}" for name in outgrown)
            await connection.execute(f"ANALYZE (SKIP_LOCKED) {named}")
    return outgrown
