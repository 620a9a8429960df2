"""Commits pushed to branches, and the pull requests that come by them, in whatever order both become known."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from asyncpg import Record

from schema.pull_requests import ActivityRow, CommitRow, add_activity, add_commits
from schema.tables.forge import ActivityKind, AliasKind
from workers.attribution.branch_lives import BEFORE_OPENING, SLACK, BranchLife, owners
from workers.forge_events.facts import PushFacts
from workers.stores.repositories import ForgeScope, repository_id
from workers.stores.reverts import store_commit_words
from workers.stores.touched import Places

# Told of several pushes, a commit came with the first.
_STORE = """
INSERT INTO branch_commit AS known (organization_id, repository_id, branch, commit, committed_at, pushed_at, push)
SELECT $1, $2, $3, commit, committed_at, $6, $7
  FROM unnest($4::bytea[], $5::timestamptz[]) AS told (commit, committed_at)
    ON CONFLICT (organization_id, repository_id, branch, commit)
    DO UPDATE SET pushed_at = excluded.pushed_at, push = excluded.push
 WHERE known.organization_id = $1 AND known.pushed_at > excluded.pushed_at
"""

# One that carries the default branch over to another, as deployments do, brings no work of its own.
_LIVES = """
SELECT pull_request.artifact_id, pull_request.repository_id, opened_at, closed_at
  FROM pull_request
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
 WHERE pull_request.organization_id = $1 AND head_repository_id = $2 AND head_branch = $3
   AND NOT (pull_request.repository_id = $2 AND coalesce(repository.default_branch = $3, false))
"""

_COMMITS = """
SELECT commit, committed_at, pushed_at, push FROM branch_commit
 WHERE organization_id = $1 AND repository_id = $2 AND branch = $3
   AND ($4::timestamptz IS NULL OR pushed_at >= $4) AND ($5::timestamptz IS NULL OR pushed_at <= $5)
"""

_HELD = """
SELECT kind, alias, artifact_id FROM artifact_alias
 WHERE organization_id = $1 AND kind IN ('commit', 'pushed_commit') AND alias = ANY($2::bytea[]) AND artifact_id IN (
       SELECT artifact_id FROM pull_request
        WHERE organization_id = $1 AND head_repository_id = $3 AND head_branch = $4)
"""

_LET_GO = """
DELETE FROM artifact_alias USING unnest($2::bytea[], $3::bytea[]) AS past (alias, artifact_id)
 WHERE organization_id = $1 AND kind = 'pushed_commit'
   AND artifact_alias.alias = past.alias AND artifact_alias.artifact_id = past.artifact_id
"""

# A commit that was told of the pull request itself is its work whoever lived on the branch.
_TOLD_WORK = """
SELECT commit, committed_at
  FROM pull_request
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
  JOIN branch_commit ON branch_commit.organization_id = $1 AND branch_commit.repository_id = head_repository_id
   AND branch_commit.branch = head_branch AND branch_commit.commit = ANY($3::bytea[])
 WHERE pull_request.organization_id = $1 AND pull_request.artifact_id = $2
   AND NOT (pull_request.repository_id = head_repository_id AND coalesce(default_branch = head_branch, false))
"""

_FORGET_WORK = """
DELETE FROM activity USING unnest($2::bytea[], $3::bytea[], $4::bytea[]) AS past (commit, artifact_id, push)
 WHERE activity.organization_id = $1 AND activity.artifact_id = past.artifact_id
   AND (activity.kind = 'push' AND activity.reference = past.push
        OR activity.kind = 'commit' AND activity.reference = past.commit AND NOT EXISTS (
           SELECT FROM artifact_alias
            WHERE organization_id = $1 AND kind = 'commit'
              AND alias = past.commit AND artifact_alias.artifact_id = past.artifact_id))
RETURNING activity.artifact_id, occurred_at
"""


class Branch(NamedTuple):
    """A branch of a repository, both as hashes."""

    repository_id: bytes
    name: bytes


class Span(NamedTuple):
    """Instants between which pushes are looked at, both included; None is without end."""

    begins: datetime | None
    ends: datetime | None


EVER = Span(None, None)


async def store_push(scope: ForgeScope, told: PushFacts) -> None:
    """Keep a push's commits, and give them to the pull requests that live on the branch."""
    connection, organization_id, hasher = scope.connection, scope.organization_id, scope.hasher
    branch = Branch(await repository_id(scope, told.repository), hasher.branch(told.branch))
    commits = {hasher.commit(commit.sha): commit.committed_at for commit in told.commits}
    push = hasher.reference(ActivityKind.PUSH, told.after)
    values = (list(commits), list(commits.values()), told.pushed_at, push)
    await connection.execute(_STORE, organization_id, *branch, *values)
    await assign_commits(scope, branch, Span(told.pushed_at, told.pushed_at))
    scope.touched.forge.add_instants(branch.repository_id, [told.pushed_at])
    await store_commit_words(scope, told, branch.repository_id, branch.name)


def span_of(*lives: tuple[datetime, datetime | None]) -> Span:
    """The pushes that may change hands when a pull request lives from an opening to an end, or no longer does."""
    ends = [end for _, end in lives]
    return Span(
        min(opened_at for opened_at, _ in lives) - BEFORE_OPENING,
        None if None in ends else max(end for end in ends if end is not None) + SLACK,
    )


async def assign_commits(scope: ForgeScope, branch: Branch, span: Span) -> None:
    """Let the commits pushed to a branch in a span lead to the pull requests whose they are, and to no others of it.

    The result depends on what is known alone: call it when a push, or when the life of a pull request, becomes known.
    """
    connection, organization_id = scope.connection, scope.organization_id
    rows = await connection.fetch(_LIVES, organization_id, *branch)
    commits = await connection.fetch(_COMMITS, organization_id, *branch, *span)
    lives = [BranchLife(row["artifact_id"], row["opened_at"], row["closed_at"]) for row in rows]
    owned = {
        (row["commit"], life.artifact_id): (row, life) for row in commits for life in owners(row["pushed_at"], lives)
    }
    held: dict[str, set[tuple[bytes, bytes]]] = {AliasKind.COMMIT: set(), AliasKind.PUSHED_COMMIT: set()}
    for row in await connection.fetch(_HELD, organization_id, [row["commit"] for row in commits], *branch):
        held[row["kind"]].add((row["alias"], row["artifact_id"]))
    places = {row["artifact_id"]: Places(row["repository_id"], branch.repository_id) for row in rows}
    await _let_go(scope, branch, commits, held[AliasKind.PUSHED_COMMIT] - owned.keys())
    work = [each for row, life in owned.values() for each in _work(row, life)]
    committed = {row["commit"]: row["committed_at"] for row in commits}
    work += [
        ActivityRow(artifact_id, ActivityKind.COMMIT, commit, committed[commit])
        for commit, artifact_id in held[AliasKind.COMMIT]
        if artifact_id in places
    ]
    _touch(scope, places, await add_activity(connection, organization_id, work))
    holds = [CommitRow(commit, artifact_id, row["pushed_at"]) for (commit, artifact_id), (row, _) in owned.items()]
    added = await add_commits(connection, organization_id, holds, AliasKind.PUSHED_COMMIT)
    scope.touched.commits.update(row["alias"] for row in added)


async def told_work(scope: ForgeScope, artifact_id: bytes, commits: Collection[bytes]) -> list[ActivityRow]:
    """The work in commits that were told of a pull request, as far as they were pushed to its branch."""
    rows = await scope.connection.fetch(_TOLD_WORK, scope.organization_id, artifact_id, list(commits))
    return [ActivityRow(artifact_id, ActivityKind.COMMIT, row["commit"], row["committed_at"]) for row in rows]


def _work(row: Record, life: BranchLife) -> list[ActivityRow]:
    """A commit is work, and so is a push once the pull request is open."""
    work = [ActivityRow(life.artifact_id, ActivityKind.COMMIT, row["commit"], row["committed_at"])]
    if row["push"] is not None and life.opened_at <= row["pushed_at"]:
        work.append(ActivityRow(life.artifact_id, ActivityKind.PUSH, row["push"], row["pushed_at"]))
    return work


async def _let_go(scope: ForgeScope, branch: Branch, commits: list[Record], past: set[tuple[bytes, bytes]]) -> None:
    """Take commits from pull requests that they were given to before another one's life was known."""
    if not past:
        return
    pushes = {row["commit"]: row["push"] for row in commits}
    rows = sorted(past)
    aliases, artifacts = [alias for alias, _ in rows], [artifact_id for _, artifact_id in rows]
    arguments = (aliases, artifacts, [pushes[alias] for alias in aliases])
    gone = await scope.connection.fetch(_FORGET_WORK, scope.organization_id, *arguments)
    await scope.connection.execute(_LET_GO, scope.organization_id, aliases, artifacts)
    scope.touched.commits.update(aliases)
    _touch(scope, dict.fromkeys(artifacts, Places(branch.repository_id, branch.repository_id)), gone)


def _touch(scope: ForgeScope, places: dict[bytes, Places], rows: list[Record]) -> None:
    for row in rows:
        scope.touched.add_instants(places[row["artifact_id"]], [row["occurred_at"]])
        scope.touched.forge.pull_requests.add(row["artifact_id"])
