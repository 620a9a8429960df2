"""What is left in the tables when all is told: every row of what was derived, as text."""

import asyncpg

# All but what says when something was stored here. Of a repository's name it is kept when it was heard first, which
# hangs on the order; of a commit it is the earliest instant told, which does not.
DERIVED = {
    "repository": "SELECT artifact_id, forge, team_id, default_branch, label, named_at FROM repository",
    "repository_alias": "SELECT kind, alias, artifact_id FROM artifact_alias WHERE kind LIKE 'repository%'",
    "commit_alias": "SELECT * FROM artifact_alias WHERE kind NOT LIKE 'repository%'",
    "pull_request": "SELECT * FROM pull_request",
    "activity": "SELECT * FROM activity",
    "branch_commit": "SELECT * FROM branch_commit",
    "release": "SELECT * FROM release",
    "release_pull_request": "SELECT * FROM release_pull_request",
    "release_fix": "SELECT * FROM release_fix",
    "outcome": "SELECT * FROM outcome",
    "revert": "SELECT * FROM revert",
    "pull_request_title": "SELECT * FROM pull_request_title",
}


async def read_derived(connection: asyncpg.Connection) -> dict[str, set[str]]:
    """Each table's rows."""
    return {
        name: {row["text"] for row in await connection.fetch(f"SELECT found::text AS text FROM ({query}) AS found")}
        for name, query in DERIVED.items()
    }


def differing(one: dict[str, set[str]], other: dict[str, set[str]]) -> dict[str, int]:
    """How many rows of each table are in one of both alone."""
    return {name: len(rows ^ other[name]) for name, rows in one.items() if rows ^ other[name]}
