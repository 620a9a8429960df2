"""Commits pushed to branches, and how a pull request comes by those that were pushed before it was opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schema.pull_requests import ActivityRow, CommitRow, add_activity, add_commits
from schema.tables.forge import ActivityKind
from workers.forge_events.facts import PushFacts
from workers.stores.repositories import ForgeScope, repository_id
from workers.stores.touched import Places

# Work lies on a branch at most this long before a pull request is opened from it.
BEFORE_OPENING = timedelta(days=30)
# A push and the end of a pull request that follows it may be told in the same moment.
SLACK = timedelta(minutes=1)

_STORE = """
INSERT INTO branch_commit (organization_id, repository_id, branch, commit, committed_at, pushed_at)
SELECT $1, $2, $3, commit, committed_at, $6
  FROM unnest($4::bytea[], $5::timestamptz[]) AS told (commit, committed_at)
    ON CONFLICT (organization_id, repository_id, branch, commit) DO NOTHING
"""

_LIVES = """
SELECT artifact_id, repository_id, opened_at, closed_at FROM pull_request
 WHERE organization_id = $1 AND head_repository_id = $2 AND head_branch = $3
   AND opened_at < $4::timestamptz + $5::interval AND (closed_at IS NULL OR closed_at >= $4::timestamptz - $6::interval)
"""

# A branch that is used again belongs to the earlier pull request until that one ended.
_COMMITS = """
SELECT commit, committed_at FROM branch_commit
 WHERE organization_id = $1 AND repository_id = $2 AND branch = $3
   AND pushed_at > $5::timestamptz - $7::interval
   AND ($6::timestamptz IS NULL OR pushed_at <= $6 + $8::interval)
   AND pushed_at > coalesce((SELECT max(closed_at) + $8::interval FROM pull_request AS earlier
                              WHERE earlier.organization_id = $1 AND earlier.head_repository_id = $2
                                AND earlier.head_branch = $3 AND earlier.artifact_id <> $4
                                AND earlier.closed_at <= $5), '-infinity')
"""


@dataclass(frozen=True, slots=True)
class BranchLife:
    """A pull request while it lives on its branch."""

    artifact_id: bytes
    places: Places
    branch: bytes
    opened_at: datetime
    closed_at: datetime | None


async def store_push(scope: ForgeScope, told: PushFacts) -> None:
    """Keep a push's commits, and give them to the pull requests that live on the branch."""
    connection, organization_id, hasher = scope.connection, scope.organization_id, scope.hasher
    repository, branch = await repository_id(scope, told.repository), hasher.branch(told.branch)
    commits = {hasher.commit(commit.sha): commit.committed_at for commit in told.commits}
    await connection.execute(
        _STORE, organization_id, repository, branch, list(commits), list(commits.values()), told.pushed_at
    )
    rows = await connection.fetch(_LIVES, organization_id, repository, branch, told.pushed_at, BEFORE_OPENING, SLACK)
    for row in rows:
        places = Places(row["repository_id"], repository)
        life = BranchLife(row["artifact_id"], places, branch, row["opened_at"], row["closed_at"])
        await take_branch_commits(scope, life)
        if life.opened_at <= told.pushed_at:
            reference = hasher.reference(ActivityKind.PUSH, told.after)
            push = ActivityRow(life.artifact_id, ActivityKind.PUSH, reference, told.pushed_at)
            added = await add_activity(connection, organization_id, [push])
            scope.touched.add_instants(places, [each["occurred_at"] for each in added])


async def take_branch_commits(scope: ForgeScope, life: BranchLife) -> None:
    """Give a pull request the commits of its branch: since the earlier one on it ended, until it ended itself."""
    connection, organization_id = scope.connection, scope.organization_id
    if life.places.head_repository_id is None:
        return
    rows = await connection.fetch(
        _COMMITS,
        organization_id,
        life.places.head_repository_id,
        life.branch,
        life.artifact_id,
        life.opened_at,
        life.closed_at,
        BEFORE_OPENING,
        SLACK,
    )
    work = [ActivityRow(life.artifact_id, ActivityKind.COMMIT, row["commit"], row["committed_at"]) for row in rows]
    added = await add_activity(connection, organization_id, work)
    scope.touched.add_instants(life.places, [each["occurred_at"] for each in added])
    commits = [CommitRow(row["commit"], life.artifact_id, row["committed_at"]) for row in rows]
    known = await add_commits(connection, organization_id, commits)
    scope.touched.commits.update(each["alias"] for each in known)
