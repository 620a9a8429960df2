"""Taking in pull requests that were told through the API, as deliveries of a forge would be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

from schema.abbreviations import note_abbreviations
from schema.code_ownership import first_owner, meant_owners
from schema.contracts.pull_request import PullRequestIn
from schema.database import Tenant
from schema.errors import BadInputError
from schema.identifiers import Hasher
from schema.invalidate_days import days_touched, invalidate_by_evidence, invalidate_days
from schema.kinds import ActivityKind, PullRequestState, RevertSource, RevertTarget
from schema.life_cycle import PullRequestRow
from schema.outcomes import ForgeChanges, derive, tell_reverts
from schema.pull_requests import (
    ActivityRow,
    Change,
    CommitRow,
    add_activity,
    add_commits,
    store_pull_requests,
)
from schema.reverted import RevertReport
from schema.trunks import Trunk, find_trunks, invalidate_by_trunks, relink_trunks
from service.queries.forge.reported_repositories import ReportedRepository, read_repository, resolve_all, shows_labels


@dataclass(frozen=True, slots=True)
class Imported:
    """How many pull requests told something new, and whether there are days to settle again."""

    changed: int
    is_stale: bool


async def import_pull_requests(tenant: Tenant, hasher: Hasher, reported: Sequence[PullRequestIn]) -> Imported:
    """Store all of them or none; raises BadInputError naming the item that cannot be used."""
    repositories = [read_repository(item, index, item.as_of) for index, item in enumerate(reported)]
    for index, item in enumerate(reported):
        check_ends(item, index)
    anchors = await resolve_all(tenant, hasher, repositories)
    labelled = await shows_labels(tenant)
    meant = await meant_owners(tenant, hasher, {each for item in reported for each in item.code_owners})
    rows = [
        pull_request_row(hasher, anchors.ids[repository.key], item, repository if labelled else None, meant)
        for repository, item in zip(repositories, reported, strict=True)
    ]
    trunks = await trunks_of(tenant, rows)
    changes = await store_pull_requests(tenant, rows)
    trunks ^= await trunks_of(tenant, rows)
    work = chain.from_iterable(activity_rows(hasher, row, item) for row, item in zip(rows, reported, strict=True))
    activity = await add_activity(tenant, list(work))
    held = chain.from_iterable(commit_rows(hasher, row, item) for row, item in zip(rows, reported, strict=True))
    commits = await add_commits(tenant, list(held))
    revisions = (commit.sha for item in reported for commit in item.commits)
    await note_abbreviations(tenant, hasher, revisions)
    for row, item in zip(rows, reported, strict=True):
        await tell_reverts(tenant, row.repository_id, revert_rows(hasher, row, item))
    worked_on = {row["artifact_id"] for row in chain(activity, commits)}
    worked_on |= {row.artifact_id for row, item in zip(rows, reported, strict=True) if item.reverts}
    await derive_outcomes(tenant, changes, worked_on=worked_on, rows=rows)
    await relink_trunks(tenant, trunks)
    is_stale = await invalidate_by_trunks(tenant, trunks)
    is_stale |= await mark_changes(
        tenant,
        changes,
        worked_on={row["artifact_id"] for row in activity},
        rows=rows,
        commits=[row["alias"] for row in commits],
        repositories=anchors.new_names,
    )
    changed = {change.after.artifact_id for change in changes}
    changed |= {row["artifact_id"] for row in chain(activity, commits)}
    return Imported(len(changed), is_stale)


def check_ends(item: PullRequestIn, index: int) -> None:
    """A state and its times must agree; raises BadInputError."""
    if item.state == "merged" and item.merged_at is None:
        raise BadInputError("is missing; a merged pull request needs it", field=f"items[{index}].merged_at")
    if item.state == "abandoned" and item.closed_at is None:
        raise BadInputError("is missing; an abandoned pull request needs it", field=f"items[{index}].closed_at")
    for name, end in (("merged_at", item.merged_at), ("closed_at", item.closed_at)):
        if end is not None and end < item.opened_at:
            raise BadInputError("lies before opened_at", field=f"items[{index}].{name}")


def pull_request_row(
    hasher: Hasher,
    repository_id: bytes,
    item: PullRequestIn,
    labelled: ReportedRepository | None,
    meant: Collection[bytes],
) -> PullRequestRow:
    """An item with every name hashed; its branch is taken to be in the repository itself.

    `meant` are the code owners that mean a team.
    """
    return PullRequestRow(
        artifact_id=hasher.pull_request(repository_id, item.number),
        repository_id=repository_id,
        number=hasher.number(item.number),
        head_repository_id=repository_id if item.head_branch else None,
        head_branch=hasher.branch(item.head_branch) if item.head_branch else None,
        base_branch=hasher.branch(item.base_branch) if item.base_branch else None,
        state=PullRequestState(item.state),
        draft=item.draft,
        opened_at=item.opened_at,
        merged_at=item.merged_at if item.state == "merged" else None,
        closed_at=item.closed_at or item.merged_at,
        changed_lines=item.changed_lines,
        changed_files=item.changed_files,
        label=labelled.label(f"#{item.number}") if labelled else None,
        forge_updated_at=item.as_of,
        owner=first_owner(hasher, item.code_owners, meant),
    )


def activity_rows(hasher: Hasher, row: PullRequestRow, item: PullRequestIn) -> list[ActivityRow]:
    """The work on a pull request; told by a delivery too, each piece has the same reference and counts once."""
    rows = [ActivityRow(row.artifact_id, ActivityKind.OPEN, hasher.reference("activity", "open"), item.opened_at)]
    if row.merged_at is not None:
        merge = hasher.reference("activity", "merge")
        rows.append(ActivityRow(row.artifact_id, ActivityKind.MERGE, merge, row.merged_at))
    rows += [
        ActivityRow(row.artifact_id, ActivityKind.COMMIT, hasher.commit(commit.sha), commit.authored_at)
        for commit in item.commits
    ]
    rows += [
        ActivityRow(row.artifact_id, ActivityKind.REVIEW, hasher.reference(ActivityKind.REVIEW, at.isoformat()), at)
        for at in item.reviews
    ]
    return rows


def commit_rows(hasher: Hasher, row: PullRequestRow, item: PullRequestIn) -> list[CommitRow]:
    """Every commit that leads to the pull request, the one its merge made included, and since when it was there."""
    since = [(commit.sha, commit.authored_at) for commit in item.commits]
    if item.merge_commit is not None:
        since.append((item.merge_commit, item.as_of))
    return [CommitRow(hasher.commit(sha), row.artifact_id, at) for sha, at in since]


async def trunks_of(tenant: Tenant, rows: Sequence[PullRequestRow]) -> set[Trunk]:
    """Which of the branches that these pull requests come from or go to are trunks."""
    repositories = {each for row in rows for each in (row.repository_id, row.head_repository_id) if each is not None}
    branches = {each for row in rows for each in (row.base_branch, row.head_branch) if each is not None}
    found = await find_trunks(tenant, repositories, branches)
    return {Trunk(repository, branch) for repository, trunks in found.items() for branch in trunks}


def revert_rows(hasher: Hasher, row: PullRequestRow, item: PullRequestIn) -> list[RevertReport]:
    """The pull requests of the same repository that one takes back."""
    return [
        RevertReport(
            RevertSource.PULL_REQUEST,
            row.artifact_id,
            RevertTarget.PULL_REQUEST,
            hasher.pull_request(row.repository_id, number),
            b"",
            row.opened_at,
        )
        for number in item.reverts
    ]


async def derive_outcomes(
    tenant: Tenant, changes: Sequence[Change], *, worked_on: Collection[bytes], rows: Sequence[PullRequestRow]
) -> None:
    """Bring up to date what releases ship, and the outcomes of what is new, moved or worked on."""
    derived = ForgeChanges(pull_requests=set(worked_on))
    for change in changes:
        derived.add_change(change)
    for row in rows:
        if row.artifact_id in worked_on:
            derived.add_instants(row.repository_id, [row.merged_at])
    await derive(tenant, derived)


async def mark_changes(
    tenant: Tenant,
    changes: Sequence[Change],
    *,
    worked_on: set[bytes],
    rows: Sequence[PullRequestRow],
    commits: Sequence[bytes],
    repositories: Sequence[bytes],
) -> bool:
    """Mark the days that the changes matter on; last in the transaction. True when there is something to settle."""
    lives = [each for change in changes for each in change if each is not None]
    lives += [row for row in rows if row.artifact_id in worked_on]
    is_stale = False
    if lives:
        ends = [at for row in lives for at in (row.forge_updated_at, row.merged_at, row.closed_at) if at is not None]
        first, last = days_touched(min(row.opened_at for row in lives), max(ends))
        is_stale = await invalidate_days(tenant, from_day=first, to_day=last)
    if lives or commits or repositories:
        is_stale |= await invalidate_by_evidence(
            tenant,
            commits=commits,
            branches={row.head_branch for row in lives if row.head_branch is not None},
            numbers={row.number for row in lives},
            artifacts={row.artifact_id for row in lives},
            repositories=repositories,
        )
    return is_stale
