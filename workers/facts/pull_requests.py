"""Records pull requests: reconciles them with known ones, with their activity and commits."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from schema.kinds import PullRequestState
from workers.facts.changes import Places
from workers.facts.code_owners import store_owners
from workers.facts.labels import store_labels
from workers.facts.landings import is_closed, merge_landed
from workers.facts.pushes import Branch, Spans, reported_work, span_of
from workers.facts.reverts import store_pull_request_reverts
from workers.facts.scope import ForgeScope
from workers.forge_events.model import ActivityFacts, ActivityKind, PullRequestFacts, QueueFacts
from workers.outcomes.life_cycle import PullRequestRow
from workers.stores.forge.abbreviations import store_abbreviations
from workers.stores.forge.pull_requests import (
    ActivityRow,
    Change,
    CommitRow,
    add_activity,
    add_commits,
    store_pull_requests,
)
from workers.stores.forge.trunks import Trunk

End: TypeAlias = tuple[bytes | None, bytes | None]

_COMMITS = """
SELECT alias FROM artifact_alias
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND kind IN ('commit', 'pushed_commit')
"""

# A branch becomes a trunk with the first pull request into it and ceases to be one with the last, unless it is the
# default branch. A branch that a pull request comes from is not a trunk.
_TRUNKS_CHANGED = """
SELECT ends.repository_id, ends.branch
  FROM (SELECT reported.*, NOT EXISTS (
               SELECT FROM pull_request AS other
                WHERE other.organization_id = $1 AND other.base_branch = reported.branch
                  AND other.repository_id = reported.repository_id AND other.artifact_id <> ALL($2::bytea[])) AS changed
          FROM unnest($3::bytea[], $4::bytea[]) AS reported (repository_id, branch)
         UNION
        SELECT reported.*, EXISTS (
               SELECT FROM pull_request AS other
                WHERE other.organization_id = $1 AND other.base_branch = reported.branch
                  AND other.repository_id = reported.repository_id)
          FROM unnest($5::bytea[], $6::bytea[]) AS reported (repository_id, branch)) AS ends
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = ends.repository_id
 WHERE ends.changed AND repository.default_branch IS DISTINCT FROM ends.branch
"""


async def record_pull_requests(scope: ForgeScope, reported: Sequence[PullRequestFacts]) -> Spans:
    """Update pull requests, in whatever order their deliveries arrive.

    Returns the spans of their branches in which commits may change owner.
    """
    rows = [_row(scope, facts) for facts in reported]
    changes = await store_pull_requests(scope.tenant, rows)
    closed = {change.after.artifact_id for change in changes if is_closed(change.after)}
    landed = {change.after.artifact_id: change for change in await merge_landed(scope, closed)}
    changes = [change._replace(after=landed.get(change.after.artifact_id, change).after) for change in changes]
    await _store_work(scope, rows, reported)
    scope.enrichment_candidates.merged.update(change.after.artifact_id for change in changes if _is_merged(change))
    scope.enrichment_candidates.ended.update(change.after.artifact_id for change in changes if _has_just_ended(change))
    await store_labels(scope, rows, reported)
    await store_pull_request_reverts(scope, reported, [row.repository_id for row in rows])
    await _store_owners(scope, rows, reported)
    return await _follow(scope, changes)


async def record_landed(scope: ForgeScope, artifact_ids: Collection[bytes]) -> Spans:
    """Merge closed pull requests that a push brought to their base branch; return the spans of their branches."""
    return await _follow(scope, await merge_landed(scope, artifact_ids))


async def _follow(scope: ForgeScope, changes: Sequence[Change]) -> Spans:
    """Record what follows from changed pull requests; return the spans of their branches."""
    await _touch(scope, changes)
    await _store_ends(scope, [change.after for change in changes])
    spans = Spans()
    for change in changes:
        (scope.new if change.before is None else scope.changed).add(change.after.artifact_id)
        _add_lives(spans, change)
        scope.changes.forge.add_change(change)
    return spans


def _is_merged(change: Change) -> bool:
    return change.after.state is PullRequestState.MERGED


def _has_just_ended(change: Change) -> bool:
    before, after = change
    return after.state is not PullRequestState.OPEN and (before is None or before.state is PullRequestState.OPEN)


async def store_queued(scope: ForgeScope, reported: Iterable[QueueFacts]) -> None:
    """Record commits that the forge made of pull requests, which may not be known yet."""
    hasher = scope.hasher
    made = [
        CommitRow(
            hasher.commit(facts.commit),
            hasher.pull_request(scope.anchors[facts.repository.name], facts.number),
            facts.made_at,
        )
        for facts in reported
    ]
    added = await add_commits(scope.tenant, made)
    scope.changes.commits.update(each["alias"] for each in added)


def _row(scope: ForgeScope, reported: PullRequestFacts) -> PullRequestRow:
    """Return the facts with every name hashed."""
    hasher = scope.hasher
    repository = scope.anchors[reported.repository.name]
    head = None if reported.head_repository is None else scope.anchors[reported.head_repository.name]
    return PullRequestRow(
        artifact_id=hasher.pull_request(repository, reported.number),
        repository_id=repository,
        number=hasher.number(reported.number),
        head_repository_id=head,
        head_branch=hasher.branch(reported.head_branch) if reported.head_branch else None,
        base_branch=hasher.branch(reported.base_branch) if reported.base_branch else None,
        state=reported.state,
        draft=reported.draft,
        opened_at=reported.opened_at,
        merged_at=reported.merged_at,
        closed_at=reported.closed_at,
        changed_lines=reported.changed_lines,
        changed_files=reported.changed_files,
        label=scope.label(reported.repository.name, f"#{reported.number}"),
        forge_updated_at=reported.updated_at,
        head_commit=hasher.commit(reported.head) if reported.head else None,
        is_bot=reported.is_bot,
    )


async def _store_work(scope: ForgeScope, rows: Sequence[PullRequestRow], reported: Sequence[PullRequestFacts]) -> None:
    """Record the activity and commits in the deliveries; those of older ones count, too."""
    tenant = scope.tenant
    commits = [
        CommitRow(scope.hasher.commit(sha), row.artifact_id, facts.updated_at)
        for row, facts in zip(rows, reported, strict=True)
        for sha in facts.commits
    ]
    work = [_activity(scope, row, each) for row, facts in zip(rows, reported, strict=True) for each in facts.activity]
    places = {row.artifact_id: _places(row) for row in sorted(rows, key=lambda row: row.head_repository_id is not None)}
    for added in await add_activity(tenant, [*work, *await reported_work(scope, commits)]):
        scope.changes.add_instants(places[added["artifact_id"]], [added["occurred_at"]])
        scope.changed.add(added["artifact_id"])
    revisions = (sha for facts in reported for sha in facts.commits)
    await store_abbreviations(tenant, scope.hasher, revisions)
    known = await add_commits(tenant, commits)
    scope.changes.commits.update(each["alias"] for each in known)
    scope.changes.forge.pull_requests.update(places)
    holders = {each["artifact_id"] for each in known}
    scope.changed |= holders
    for row in rows:
        if row.artifact_id in holders:
            scope.changes.forge.add_instants(row.repository_id, [row.merged_at])


async def _store_owners(
    scope: ForgeScope, rows: Sequence[PullRequestRow], reported: Sequence[PullRequestFacts]
) -> None:
    """Record code owners, if the facts contain them."""
    owners = {row.artifact_id: facts.code_owners for row, facts in zip(rows, reported, strict=True)}
    if any(owners.values()):
        await store_owners(scope, owners)


def _activity(scope: ForgeScope, row: PullRequestRow, reported: ActivityFacts) -> ActivityRow:
    """Return an activity row; a commit is its own reference, so that it counts once from any source."""
    if reported.kind is ActivityKind.COMMIT:
        return ActivityRow(
            row.artifact_id, reported.kind, scope.hasher.commit(reported.reference), reported.occurred_at
        )
    return ActivityRow(
        row.artifact_id, reported.kind, scope.hasher.reference(reported.kind, reported.reference), reported.occurred_at
    )


async def _touch(scope: ForgeScope, changes: Sequence[Change]) -> None:
    """Record what the changes mean for settled tokens."""
    touched = scope.changes
    new = [change.after for change in changes if change.before is None]
    if new:
        touched.artifacts.update(row.artifact_id for row in new)
        touched.numbers.update(row.number for row in new)
        rows = await scope.tenant.fetch(_COMMITS, [row.artifact_id for row in new])
        touched.commits.update(row["alias"] for row in rows)
    for before, after in changes:
        if before is None or _life(before) != _life(after):
            reported = (each.head_branch for each in (before, after) if each is not None)
            touched.branches.update(each for each in reported if each is not None)
        old, now = ({each.opened_at, each.merged_at, each.closed_at} if each else set() for each in (before, after))
        touched.add_instants(_places(after), [at for at in old ^ now if at is not None])
    await _touch_trunks(scope, changes)


async def _touch_trunks(scope: ForgeScope, changes: Sequence[Change]) -> None:
    moved = [change.after.artifact_id for change in changes if len(_bases(change)) > 1]
    bases = _ends(_bases(change) for change in changes)
    heads = _ends(_heads(change) for change in changes)
    if not bases and not heads:
        return
    ends = (*_columns(bases), *_columns(heads))
    rows = await scope.tenant.fetch(_TRUNKS_CHANGED, moved, *ends)
    scope.changes.trunks.update(Trunk(row["repository_id"], row["branch"]) for row in rows)


def _bases(change: Change) -> set[End | None]:
    """Return the former and current base; None before it was known."""
    return {(each.repository_id, each.base_branch) if each else None for each in change}


def _heads(change: Change) -> set[End | None]:
    """Return the former and current head; None before it was known."""
    return {(each.head_repository_id, each.head_branch) if each else None for each in change}


def _ends(reported: Iterable[set[End | None]]) -> set[End]:
    """Return the ends that changed."""
    return {end for each in reported if len(each) > 1 for end in each if end is not None and None not in end}


def _columns(ends: Collection[End]) -> tuple[list[bytes | None], list[bytes | None]]:
    """Return repositories and branches as columns."""
    return [repository for repository, _ in ends], [branch for _, branch in ends]


async def _store_ends(scope: ForgeScope, rows: Sequence[PullRequestRow]) -> None:
    """Record opening and merge as activity."""
    opened, merged = (scope.hasher.reference("activity", end) for end in ("open", "merge"))
    ends = [ActivityRow(row.artifact_id, ActivityKind.OPEN, opened, row.opened_at) for row in rows]
    ends += [
        ActivityRow(row.artifact_id, ActivityKind.MERGE, merged, row.merged_at)
        for row in rows
        if row.merged_at is not None
    ]
    await add_activity(scope.tenant, ends)


def _add_lives(spans: Spans, change: Change) -> None:
    """Reassign the commits of its branch if its life on the branch begins, changes or ends."""
    lives = {_life(each) for each in change if each is not None}
    if change.before is not None and len(lives) == 1:
        return
    span = span_of(*((opened_at, closed_at) for *_, opened_at, closed_at in lives))
    for repository, name, *_ in lives:
        if repository is not None and name is not None:
            spans.add(Branch(repository, name), span)


def _life(row: PullRequestRow) -> tuple[bytes | None, bytes | None, datetime, datetime | None]:
    """Return where the pull request lives, and from when to when."""
    return row.head_repository_id, row.head_branch, row.opened_at, row.closed_at


def _places(row: PullRequestRow) -> Places:
    return Places(row.repository_id, row.head_repository_id)
