"""Records pushed commits and assigns them to pull requests, in whatever order both become known."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from asyncpg import Record

from schema.database import rows_as_columns
from workers.attribution.branch_lives import BEFORE_OPENING, SLACK, BranchLife, owners
from workers.facts.changes import Places
from workers.facts.reverts import store_commit_reverts
from workers.facts.scope import ForgeScope
from workers.forge_events.model import ActivityKind, PushFacts
from workers.outcomes.life_cycle import EARLIEST
from workers.stores.forge.abbreviations import store_abbreviations
from workers.stores.forge.pull_requests import ActivityRow, CommitRow, add_activity, add_commits
from workers.stores.forge.repositories import AliasKind

# A commit in several pushes came with the first.
_STORE = """
INSERT INTO branch_commit AS known (organization_id, repository_id, branch, commit, committed_at, pushed_at, push)
SELECT $1::bigint, reported.*
  FROM unnest($2::bytea[], $3::bytea[], $4::bytea[], $5::timestamptz[], $6::timestamptz[], $7::bytea[]) AS reported
    ON CONFLICT (organization_id, repository_id, branch, commit)
    DO UPDATE SET pushed_at = excluded.pushed_at, push = excluded.push
 WHERE known.organization_id = $1 AND known.pushed_at > excluded.pushed_at
"""

# A pull request that carries the default branch to another, as deployments do, brings no work of its own.
_LIVES = """
SELECT reported.repository_id AS head_id, reported.branch, pull_request.artifact_id, pull_request.repository_id,
       opened_at, closed_at
  FROM unnest($2::bytea[], $3::bytea[]) AS reported (repository_id, branch)
  JOIN pull_request ON pull_request.organization_id = $1
   AND head_repository_id = reported.repository_id AND head_branch = reported.branch
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
 WHERE NOT (pull_request.repository_id = reported.repository_id
            AND coalesce(repository.default_branch = reported.branch, false))
"""

_COMMITS = """
SELECT reported.repository_id AS head_id, reported.branch, commit, committed_at, pushed_at, push
  FROM unnest($2::bytea[], $3::bytea[], $4::timestamptz[], $5::timestamptz[])
       AS reported (repository_id, branch, begins, ends)
  JOIN branch_commit ON branch_commit.organization_id = $1
   AND branch_commit.repository_id = reported.repository_id AND branch_commit.branch = reported.branch
 WHERE (reported.begins IS NULL OR pushed_at >= reported.begins)
   AND (reported.ends IS NULL OR pushed_at <= reported.ends)
"""

_HELD = """
SELECT reported.repository_id AS head_id, reported.branch, alias.kind, alias.alias, alias.artifact_id
  FROM unnest($2::bytea[], $3::bytea[], $4::bytea[]) AS reported (repository_id, branch, commit)
  JOIN artifact_alias AS alias ON alias.organization_id = $1
   AND alias.kind IN ('commit', 'pushed_commit') AND alias.alias = reported.commit
  JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = alias.artifact_id
   AND head_repository_id = reported.repository_id AND head_branch = reported.branch
"""

_LET_GO = """
DELETE FROM artifact_alias USING unnest($2::bytea[], $3::bytea[]) AS past (alias, artifact_id)
 WHERE organization_id = $1 AND kind = 'pushed_commit'
   AND artifact_alias.alias = past.alias AND artifact_alias.artifact_id = past.artifact_id
"""

# A commit reported for the pull request itself is its work, whoever lived on the branch.
_REPORTED_WORK = """
SELECT reported.artifact_id, branch_commit.commit, committed_at
  FROM unnest($2::bytea[], $3::bytea[]) AS reported (artifact_id, commit)
  JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = reported.artifact_id
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
  JOIN branch_commit ON branch_commit.organization_id = $1 AND branch_commit.repository_id = head_repository_id
   AND branch_commit.branch = head_branch AND branch_commit.commit = reported.commit
 WHERE NOT (pull_request.repository_id = head_repository_id AND coalesce(default_branch = head_branch, false))
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
    """Instants between which pushes are examined, inclusive; None is unbounded."""

    begins: datetime | None
    ends: datetime | None


EVER = Span(None, None)
# Keeps instants before an opening within the calendar.
EARLIEST_OPENING = EARLIEST + BEFORE_OPENING


class Spans(dict[Branch, Span]):
    """One span per branch that contains all added spans."""

    def add(self, branch: Branch, span: Span) -> None:
        """Add a span of a branch."""
        known = self.get(branch, span)
        begins = [each.begins for each in (known, span) if each.begins is not None]
        ends = [each.ends for each in (known, span) if each.ends is not None]
        # An unbounded side stays unbounded.
        self[branch] = Span(min(begins) if len(begins) > 1 else None, max(ends) if len(ends) > 1 else None)

    def add_all(self, other: "Spans") -> None:
        """Add all other spans."""
        for branch, span in other.items():
            self.add(branch, span)


class _Pushed(NamedTuple):
    """How a commit first came to a branch."""

    committed_at: datetime
    pushed_at: datetime
    push: bytes


async def store_pushes(scope: ForgeScope, reported: Sequence[PushFacts]) -> Spans:
    """Record the commits of pushes; return the spans of their branches in which commits may change owner."""
    hasher = scope.hasher
    spans = Spans()
    first: dict[tuple[bytes, bytes, bytes], _Pushed] = {}
    for facts in reported:
        branch = Branch(scope.anchors[facts.repository.name], hasher.branch(facts.branch))
        push = hasher.reference(ActivityKind.PUSH, facts.after)
        for commit in facts.commits:
            key = (*branch, hasher.commit(commit.sha))
            if key not in first or facts.pushed_at < first[key].pushed_at:
                first[key] = _Pushed(commit.committed_at, facts.pushed_at, push)
        spans.add(branch, Span(facts.pushed_at, facts.pushed_at))
        scope.changes.forge.add_instants(branch.repository_id, [facts.pushed_at])
        await store_commit_reverts(scope, facts, *branch)
    revisions = (commit.sha for facts in reported for commit in facts.commits)
    await store_abbreviations(scope.tenant, hasher, revisions)
    if first:
        rows: list[tuple[object, ...]] = [(*key, *pushed) for key, pushed in sorted(first.items())]
        await scope.tenant.execute(_STORE, *rows_as_columns(rows))
    return spans


def span_of(*lives: tuple[datetime, datetime | None]) -> Span:
    """Return the span of pushes whose owner may change with these lives of a pull request."""
    ends = [end for _, end in lives]
    return Span(
        max(min(opened_at for opened_at, _ in lives), EARLIEST_OPENING) - BEFORE_OPENING,
        None if None in ends else max(end for end in ends if end is not None) + SLACK,
    )


async def assign_commits(scope: ForgeScope, spans: Spans) -> None:
    """Assign the commits pushed to branches in these spans to their pull requests, and to no others.

    The result depends only on what is known; call this when a push or the life of a pull request becomes known.
    """
    if not spans:
        return
    tenant = scope.tenant
    branches = sorted(spans)
    columns: tuple[list[Any], ...] = ([each.repository_id for each in branches], [each.name for each in branches])
    lives = _by_branch(await tenant.fetch(_LIVES, *columns))
    limits = ([spans[each].begins for each in branches], [spans[each].ends for each in branches])
    commits = _by_branch(await tenant.fetch(_COMMITS, *columns, *limits))
    pushed = [(*branch, row["commit"]) for branch, rows in commits.items() for row in rows]
    held = _by_branch(await tenant.fetch(_HELD, *rows_as_columns(pushed))) if pushed else {}
    shared = [_share(branch, lives.get(branch, []), rows, held.get(branch, [])) for branch, rows in commits.items()]
    await _let_go(scope, [past for each in shared for past in each.past])
    places = {artifact_id: place for each in shared for artifact_id, place in each.places.items()}
    work = [activity for each in shared for activity in each.work]
    _touch(scope, places, await add_activity(tenant, work))
    holds = [hold for each in shared for hold in each.holds]
    added = await add_commits(tenant, holds, AliasKind.PUSHED_COMMIT)
    scope.changes.commits.update(row["alias"] for row in added)


class Past(NamedTuple):
    """A commit that a pull request no longer owns, and the push that brought it."""

    commit: bytes
    artifact_id: bytes
    push: bytes | None
    places: Places


class Shares(NamedTuple):
    """The owners of one branch's commits."""

    places: dict[bytes, Places]
    past: list[Past]
    work: list[ActivityRow]
    holds: list[CommitRow]


def _share(branch: Branch, living: list[Record], commits: list[Record], held: list[Record]) -> Shares:
    lives = [BranchLife(row["artifact_id"], row["opened_at"], row["closed_at"]) for row in living]
    owned = {
        (row["commit"], life.artifact_id): (row, life) for row in commits for life in owners(row["pushed_at"], lives)
    }
    places = {row["artifact_id"]: Places(row["repository_id"], branch.repository_id) for row in living}
    by_commit = {row["commit"]: row for row in commits}
    past, work = [], [each for row, life in owned.values() for each in _work(row, life)]
    for row in held:
        commit, artifact_id = row["alias"], row["artifact_id"]
        if row["kind"] == AliasKind.PUSHED_COMMIT and (commit, artifact_id) not in owned:
            former = Places(branch.repository_id, branch.repository_id)
            past.append(Past(commit, artifact_id, by_commit[commit]["push"], former))
        if row["kind"] == AliasKind.COMMIT and artifact_id in places:
            work.append(ActivityRow(artifact_id, ActivityKind.COMMIT, commit, by_commit[commit]["committed_at"]))
    holds = [CommitRow(commit, artifact_id, row["pushed_at"]) for (commit, artifact_id), (row, _) in owned.items()]
    return Shares(places, past, work, holds)


def _by_branch(rows: Iterable[Record]) -> dict[Branch, list[Record]]:
    found = defaultdict[Branch, list[Record]](list)
    for row in rows:
        found[Branch(row["head_id"], row["branch"])].append(row)
    return dict(found)


async def reported_work(scope: ForgeScope, reported: Iterable[CommitRow]) -> list[ActivityRow]:
    """Return the work in commits reported for pull requests, as far as they were pushed to their branches."""
    pairs: list[tuple[bytes, ...]] = sorted({(each.artifact_id, each.commit) for each in reported})
    if not pairs:
        return []
    rows = await scope.tenant.fetch(_REPORTED_WORK, *rows_as_columns(pairs))
    return [ActivityRow(row["artifact_id"], ActivityKind.COMMIT, row["commit"], row["committed_at"]) for row in rows]


def _work(row: Record, life: BranchLife) -> list[ActivityRow]:
    """Return a commit as work, and its push, too, once the pull request is open."""
    work = [ActivityRow(life.artifact_id, ActivityKind.COMMIT, row["commit"], row["committed_at"])]
    if row["push"] is not None and life.opened_at <= row["pushed_at"]:
        work.append(ActivityRow(life.artifact_id, ActivityKind.PUSH, row["push"], row["pushed_at"]))
    return work


async def _let_go(scope: ForgeScope, past: list[Past]) -> None:
    """Remove commits from pull requests that owned them before another one's life was known."""
    if not past:
        return
    commits, artifact_ids, pushes = rows_as_columns(
        [(each.commit, each.artifact_id, each.push) for each in sorted(past)]
    )
    gone = await scope.tenant.fetch(_FORGET_WORK, commits, artifact_ids, pushes)
    await scope.tenant.execute(_LET_GO, commits, artifact_ids)
    scope.changes.commits.update(each.commit for each in past)
    _touch(scope, {each.artifact_id: each.places for each in past}, gone)


def _touch(scope: ForgeScope, places: dict[bytes, Places], rows: list[Record]) -> None:
    for row in rows:
        scope.changes.add_instants(places[row["artifact_id"]], [row["occurred_at"]])
        scope.changes.forge.pull_requests.add(row["artifact_id"])
