"""Pull requests as deliveries tell of them: reconciled with what is known, with their activity and commits."""

from schema.life_cycle import PullRequestRow
from schema.pull_requests import ActivityRow, Change, CommitRow, add_activity, add_commits, store_pull_requests
from schema.releases import link_pull_requests
from schema.tables.forge import ActivityKind
from workers.forge_events.facts import ActivityFacts, PullRequestFacts
from workers.stores.branches import BranchLife, take_branch_commits
from workers.stores.repositories import ForgeScope, repository_id
from workers.stores.touched import Places


async def store_pull_request(scope: ForgeScope, told: PullRequestFacts) -> None:
    """Bring a pull request up to date, whichever order its deliveries come in."""
    row = await _row(scope, told)
    changes = await store_pull_requests(scope.connection, scope.organization_id, [row])
    await _store_work(scope, row, told)
    for change in changes:
        _touch(scope, change)
        await _store_ends(scope, change.after)
        await _take_branch(scope, change.after)
        await _relink_releases(scope, change)


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
    added = await add_activity(connection, organization_id, [_activity(scope, row, each) for each in told.activity])
    scope.touched.add_instants(_places(row), [each["occurred_at"] for each in added])
    commits = [CommitRow(scope.hasher.commit(sha), row.artifact_id, told.updated_at) for sha in told.commits]
    known = await add_commits(connection, organization_id, commits)
    scope.touched.commits.update(each["alias"] for each in known)


def _activity(scope: ForgeScope, row: PullRequestRow, told: ActivityFacts) -> ActivityRow:
    """A commit is its own reference, so that however it is told it counts once."""
    if told.kind is ActivityKind.COMMIT:
        return ActivityRow(row.artifact_id, told.kind, scope.hasher.commit(told.reference), told.occurred_at)
    return ActivityRow(row.artifact_id, told.kind, scope.hasher.reference(told.kind, told.reference), told.occurred_at)


def _touch(scope: ForgeScope, change: Change) -> None:
    """Note what the change means for tokens already settled."""
    touched, before, after = scope.touched, change.before, change.after
    if before is None:
        touched.artifacts.add(after.artifact_id)
        touched.numbers.add(after.number)
    was = (before.head_branch, before.head_repository_id) if before else (None, None)
    if (after.head_branch, after.head_repository_id) != was:
        touched.branches.update(branch for branch in (was[0], after.head_branch) if branch is not None)
    old, new = ({each.opened_at, each.merged_at, each.closed_at} if each else set() for each in change)
    touched.add_instants(_places(after), [at for at in old ^ new if at is not None])


async def _store_ends(scope: ForgeScope, row: PullRequestRow) -> None:
    """Opening and merge are work, too."""
    reference = scope.hasher.reference
    ends = [ActivityRow(row.artifact_id, ActivityKind.OPEN, reference("activity", "open"), row.opened_at)]
    if row.merged_at is not None:
        ends.append(ActivityRow(row.artifact_id, ActivityKind.MERGE, reference("activity", "merge"), row.merged_at))
    await add_activity(scope.connection, scope.organization_id, ends)


async def _take_branch(scope: ForgeScope, row: PullRequestRow) -> None:
    """Give it the commits that were pushed to its branch; later pushes bring theirs themselves."""
    if row.head_branch is not None:
        life = BranchLife(row.artifact_id, _places(row), row.head_branch, row.opened_at, row.closed_at)
        await take_branch_commits(scope, life)


async def _relink_releases(scope: ForgeScope, change: Change) -> None:
    """Compute anew what the releases ship that follow a merge that is new or moved."""
    merges = {each.merged_at if each else None for each in change}
    if len(merges) > 1:
        moved = [at for at in merges if at is not None]
        await link_pull_requests(scope.connection, scope.organization_id, change.after.repository_id, moved)


def _places(row: PullRequestRow) -> Places:
    return Places(row.repository_id, row.head_repository_id)
