"""Pull requests as deliveries tell of them: reconciled with what is known, with their activity and commits."""

from dataclasses import astuple, fields

import asyncpg

from schema.life_cycle import PullRequestRow, reconcile_pull_request
from schema.releases import link_pull_requests
from schema.tables.forge import ActivityKind, PullRequestState
from workers.forge_events.facts import ActivityFacts, PullRequestFacts
from workers.stores.activity import ActivityRow, store_activity, store_commits
from workers.stores.branches import BranchLife, take_branch_commits
from workers.stores.repositories import ForgeScope, repository_id
from workers.stores.touched import Places

_COLUMNS = [field.name for field in fields(PullRequestRow)]

_FIND = f"""
SELECT {", ".join(_COLUMNS)} FROM pull_request WHERE organization_id = $1 AND artifact_id = $2 FOR UPDATE
"""  # noqa: S608 - the names of our own columns

_INSERT = f"""
INSERT INTO pull_request (organization_id, {", ".join(_COLUMNS)})
VALUES ($1, {", ".join(f"${index}" for index in range(2, len(_COLUMNS) + 2))})
"""  # noqa: S608 - the names of our own columns

_UPDATE = f"""
UPDATE pull_request SET {", ".join(f"{name} = ${index}" for index, name in enumerate(_COLUMNS, 2))}
 WHERE organization_id = $1 AND artifact_id = $2
"""  # noqa: S608 - the names of our own columns


async def store_pull_request(scope: ForgeScope, told: PullRequestFacts) -> None:
    """Bring a pull request up to date, whichever order its deliveries come in."""
    row = await _row(scope, told)
    known = await _find(scope, row.artifact_id)
    merged = reconcile_pull_request(known, row)
    if merged != known:
        # Two words on a new pull request at once: the second fails here and is tried again.
        await scope.connection.execute(_UPDATE if known else _INSERT, scope.organization_id, *astuple(merged))
    places = Places(merged.repository_id, merged.head_repository_id)
    _touch(scope, places, known, merged)
    await _store_work(scope, places, merged, told)
    merges = {each.merged_at if each else None for each in (known, merged)}
    if len(merges) > 1:
        times = [at for at in merges if at is not None]
        await link_pull_requests(scope.connection, scope.organization_id, merged.repository_id, times)


async def _row(scope: ForgeScope, told: PullRequestFacts) -> PullRequestRow:
    """The facts with every name hashed."""
    hasher = scope.hasher
    repository = await repository_id(scope, told.repository)
    head = repository if told.head_repository == told.repository else None
    if head is None and told.head_repository is not None:
        head = await repository_id(scope, told.head_repository)
    return PullRequestRow(
        artifact_id=hasher.pull_request(repository, told.number),
        repository_id=repository,
        number=hasher.number(told.number),
        head_repository_id=head,
        head_branch=hasher.branch(told.head_branch) if told.head_branch else None,
        base_branch=hasher.branch(told.base_branch) if told.base_branch else None,
        state=told.state,
        draft=bool(told.draft),
        opened_at=told.opened_at,
        merged_at=told.merged_at,
        closed_at=told.closed_at,
        changed_lines=told.changed_lines,
        changed_files=told.changed_files,
        label=await scope.label(told.repository.name, f"#{told.number}"),
        forge_updated_at=told.updated_at,
    )


async def _find(scope: ForgeScope, artifact_id: bytes) -> PullRequestRow | None:
    row: asyncpg.Record | None = await scope.connection.fetchrow(_FIND, scope.organization_id, artifact_id)
    return None if row is None else PullRequestRow(**{**row, "state": PullRequestState(row["state"])})


def _touch(scope: ForgeScope, places: Places, known: PullRequestRow | None, row: PullRequestRow) -> None:
    """Note what the change means for tokens already settled."""
    touched = scope.touched
    if known is None:
        touched.artifacts.add(row.artifact_id)
        touched.numbers.add(row.number)
    before = (known.head_branch, known.head_repository_id) if known else (None, None)
    if (row.head_branch, row.head_repository_id) != before:
        touched.branches.update(branch for branch in (before[0], row.head_branch) if branch is not None)
    ends = ("opened_at", "closed_at", "merged_at")
    old, new = ({getattr(each, name) for name in ends} - {None} if each else set() for each in (known, row))
    touched.add_instants(places, old ^ new)


async def _store_work(scope: ForgeScope, places: Places, row: PullRequestRow, told: PullRequestFacts) -> None:
    """Keep the pull request's activity and commits, its branch's included."""
    connection, organization_id, hasher = scope.connection, scope.organization_id, scope.hasher
    work = [ActivityRow(ActivityKind.OPEN, hasher.reference("activity", "open"), row.opened_at)]
    if row.merged_at is not None:
        work.append(ActivityRow(ActivityKind.MERGE, hasher.reference("activity", "merge"), row.merged_at))
    work += [_activity_row(scope, each) for each in told.activity]
    scope.touched.add_instants(places, await store_activity(connection, organization_id, row.artifact_id, work))
    commits = [hasher.commit(sha) for sha in told.commits]
    scope.touched.commits.update(
        await store_commits(connection, organization_id, row.artifact_id, commits, told.updated_at)
    )
    if row.head_branch is not None:
        life = BranchLife(row.artifact_id, places, row.head_branch, row.opened_at, row.closed_at)
        await take_branch_commits(scope, life)


def _activity_row(scope: ForgeScope, told: ActivityFacts) -> ActivityRow:
    """A commit is its own reference, so that however it is told it counts once."""
    if told.kind is ActivityKind.COMMIT:
        return ActivityRow(told.kind, scope.hasher.commit(told.reference), told.occurred_at)
    return ActivityRow(told.kind, scope.hasher.reference(told.kind, told.reference), told.occurred_at)
