"""Every derived row of a finished run, as text."""

import asyncpg

# Everything except storage times. A repository name's `first_seen_at` depends on the order of events; a commit's is the
# earliest reported time, which does not.
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
    """Return each table's rows."""
    return {
        name: {row["text"] for row in await connection.fetch(f"SELECT found::text AS text FROM ({query}) AS found")}
        for name, query in DERIVED.items()
    }


def differing(one: dict[str, set[str]], other: dict[str, set[str]]) -> dict[str, int]:
    """Return how many rows of each table are in only one of both."""
    return {name: len(rows ^ other[name]) for name, rows in one.items() if rows ^ other[name]}
