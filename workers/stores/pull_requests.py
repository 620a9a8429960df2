"""Pull requests as deliveries tell of them: reconciled with what is known, with their activity and commits."""

from datetime import datetime

from schema.life_cycle import PullRequestRow
from schema.pull_requests import ActivityRow, Change, CommitRow, add_activity, add_commits, store_pull_requests
from schema.tables.forge import ActivityKind
from schema.trunks import Trunk
from workers.forge_events.facts import ActivityFacts, PullRequestFacts, QueueFacts
from workers.stores.branches import Branch, assign_commits, span_of, told_work
from workers.stores.repositories import ForgeScope, repository_id
from workers.stores.reverts import store_pull_request_words
from workers.stores.touched import Places

_COMMITS = """
SELECT alias FROM artifact_alias
 WHERE organization_id = $1 AND artifact_id = $2 AND kind IN ('commit', 'pushed_commit')
"""

# A branch becomes a trunk with the first pull request into it and ceases to be one with the last, unless it is the
# default one; and a trunk that a pull request comes from is none.
_TRUNKS_CHANGED = """
SELECT ends.repository_id, ends.branch
  FROM (SELECT told.*, NOT EXISTS (
               SELECT FROM pull_request AS other
                WHERE other.organization_id = $1 AND other.base_branch = told.branch
                  AND other.repository_id = told.repository_id AND other.artifact_id <> $2) AS changed
          FROM unnest($3::bytea[], $4::bytea[]) AS told (repository_id, branch)
         UNION
        SELECT told.*, EXISTS (
               SELECT FROM pull_request AS other
                WHERE other.organization_id = $1 AND other.base_branch = told.branch
                  AND other.repository_id = told.repository_id)
          FROM unnest($5::bytea[], $6::bytea[]) AS told (repository_id, branch)) AS ends
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = ends.repository_id
 WHERE ends.changed AND repository.default_branch IS DISTINCT FROM ends.branch
"""


async def store_pull_request(scope: ForgeScope, told: PullRequestFacts) -> None:
    """Bring a pull request up to date, whichever order its deliveries come in."""
    row = await _row(scope, told)
    changes = await store_pull_requests(scope.connection, scope.organization_id, [row])
    await _store_work(scope, row, told)
    await store_pull_request_words(scope, told, row.repository_id)
    for change in changes:
        await _touch(scope, change)
        await _store_ends(scope, change.after)
        await _share_branches(scope, change)
        scope.touched.forge.add_change(change)


async def store_queued(scope: ForgeScope, told: QueueFacts) -> None:
    """Let a commit that the forge made of a pull request lead to it, which may not be known yet."""
    repository = await repository_id(scope, told.repository)
    artifact_id = scope.hasher.pull_request(repository, told.number)
    made = CommitRow(scope.hasher.commit(told.commit), artifact_id, told.made_at)
    added = await add_commits(scope.connection, scope.organization_id, [made])
    scope.touched.commits.update(each["alias"] for each in added)


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
        draft=told.draft,
        opened_at=told.opened_at,
        merged_at=told.merged_at,
        closed_at=told.closed_at,
        changed_lines=told.changed_lines,
        changed_files=told.changed_files,
        label=await scope.label(told.repository.name, f"#{told.number}"),
        forge_updated_at=told.updated_at,
    )


async def _store_work(scope: ForgeScope, row: PullRequestRow, told: PullRequestFacts) -> None:
    """Keep the activity and commits that the delivery itself tells; an older one's count, too."""
    connection, organization_id = scope.connection, scope.organization_id
    commits = [CommitRow(scope.hasher.commit(sha), row.artifact_id, told.updated_at) for sha in told.commits]
    pushed = await told_work(scope, row.artifact_id, [each.commit for each in commits])
    work = [_activity(scope, row, each) for each in told.activity]
    added = await add_activity(connection, organization_id, [*work, *pushed])
    scope.touched.add_instants(_places(row), [each["occurred_at"] for each in added])
    known = await add_commits(connection, organization_id, commits)
    scope.touched.commits.update(each["alias"] for each in known)
    scope.touched.forge.pull_requests.add(row.artifact_id)
    if known:
        scope.touched.forge.add_instants(row.repository_id, [row.merged_at])


def _activity(scope: ForgeScope, row: PullRequestRow, told: ActivityFacts) -> ActivityRow:
    """A commit is its own reference, so that however it is told it counts once."""
    if told.kind is ActivityKind.COMMIT:
        return ActivityRow(row.artifact_id, told.kind, scope.hasher.commit(told.reference), told.occurred_at)
    return ActivityRow(row.artifact_id, told.kind, scope.hasher.reference(told.kind, told.reference), told.occurred_at)


async def _touch(scope: ForgeScope, change: Change) -> None:
    """Note what the change means for tokens already settled."""
    touched, before, after = scope.touched, change.before, change.after
    if before is None:
        touched.artifacts.add(after.artifact_id)
        touched.numbers.add(after.number)
        rows = await scope.connection.fetch(_COMMITS, scope.organization_id, after.artifact_id)
        touched.commits.update(row["alias"] for row in rows)
    if before is None or _life(before) != _life(after):
        touched.branches.update(
            each.head_branch for each in change if each is not None and each.head_branch is not None
        )
    rows = await scope.connection.fetch(_TRUNKS_CHANGED, scope.organization_id, after.artifact_id, *_ends_of(change))
    touched.trunks.update(Trunk(row["repository_id"], row["branch"]) for row in rows)
    old, new = ({each.opened_at, each.merged_at, each.closed_at} if each else set() for each in change)
    touched.add_instants(_places(after), [at for at in old ^ new if at is not None])


def _ends_of(change: Change) -> tuple[list[bytes | None], ...]:
    """Repositories and branches that a pull request no longer goes to or now does, and likewise comes from."""
    bases = {(each.repository_id, each.base_branch) if each else None for each in change}
    heads = {(each.head_repository_id, each.head_branch) if each else None for each in change}
    told = [sorted(end for end in ends if end and None not in end) if len(ends) > 1 else [] for ends in (bases, heads)]
    return tuple([end[place] for end in ends] for ends in told for place in (0, 1))


async def _store_ends(scope: ForgeScope, row: PullRequestRow) -> None:
    """Opening and merge are work, too."""
    reference = scope.hasher.reference
    ends = [ActivityRow(row.artifact_id, ActivityKind.OPEN, reference("activity", "open"), row.opened_at)]
    if row.merged_at is not None:
        ends.append(ActivityRow(row.artifact_id, ActivityKind.MERGE, reference("activity", "merge"), row.merged_at))
    await add_activity(scope.connection, scope.organization_id, ends)


async def _share_branches(scope: ForgeScope, change: Change) -> None:
    """Share out the commits of its branch anew when it lives on it from now on, longer, or no longer."""
    lives = {_life(each) for each in change if each is not None}
    if change.before is not None and len(lives) == 1:
        return
    span = span_of(*((opened_at, closed_at) for *_, opened_at, closed_at in lives))
    for repository, name in {(repository, name) for repository, name, *_ in lives}:
        if repository is not None and name is not None:
            await assign_commits(scope, Branch(repository, name), span)


def _life(row: PullRequestRow) -> tuple[bytes | None, bytes | None, datetime, datetime | None]:
    """Where it lives, and from when to when."""
    return row.head_repository_id, row.head_branch, row.opened_at, row.closed_at


def _places(row: PullRequestRow) -> Places:
    return Places(row.repository_id, row.head_repository_id)
