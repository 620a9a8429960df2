"""Merges known and reported states of a pull request or release. Pure; independent of order.

Deliveries and imports come late, twice and out of order. The newer by the forge's time wins; a fact that only one of
them has is kept.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from schema.kinds import LandedBy, PullRequestState

# Within one second of the forge's clock, the further state is the later one.
_FURTHER = {PullRequestState.OPEN: 0, PullRequestState.ABANDONED: 1, PullRequestState.MERGED: 2}

EARLIEST = datetime.min.replace(tzinfo=UTC)
# A forge creates the tag while it publishes the release.
PUBLISHING = timedelta(minutes=1)

# Facts that some payloads leave out, kept once known.
_SOMETIMES_REPORTED = ("head_repository_id", "head_branch", "base_branch", "draft", "head_commit", "is_bot")


class ReleaseState(StrEnum):
    """The state of a release; a tag has no release yet."""

    TAG = "tag"
    DRAFT = "draft"
    PRERELEASE = "prerelease"
    PUBLISHED = "published"
    DELETED = "deleted"


class PullRequestRow(Struct, frozen=True):
    """A pull request as stored, with names as hashes. `sized_at` is the time of its size; the newest size is kept.

    `owner` hashes the code owner of most changed paths; `author_team_id` is the team of its author. `landed_at` is when
    a push brought it to its base branch: closed then means merged.
    """

    artifact_id: bytes
    repository_id: bytes
    number: bytes
    head_repository_id: bytes | None
    head_branch: bytes | None
    base_branch: bytes | None
    state: PullRequestState
    draft: bool | None
    opened_at: datetime
    merged_at: datetime | None
    closed_at: datetime | None
    changed_lines: int | None
    changed_files: int | None
    label: str | None
    forge_updated_at: datetime
    sized_at: datetime | None = None
    owner: bytes | None = None
    author_team_id: int | None = None
    head_commit: bytes | None = None
    landed_at: datetime | None = None
    landed_by: LandedBy | None = None
    is_bot: bool | None = None


class ReleaseRow(Struct, frozen=True):
    """A release or tag as stored.

    `family` is a hash, `version` the numbers in the tag, `is_prerelease` what the tag says; `tagged_at` is when the tag
    was last set and `tag_created_at` when it was last created, or deleted since; `is_tag_only` holds until a release
    describes the tag. `by_package_folder` is None for a tag that names no package.
    """

    artifact_id: bytes
    repository_id: bytes
    state: ReleaseState
    released_at: datetime
    commit: bytes | None
    label: str | None
    forge_updated_at: datetime
    family: bytes | None = None
    version: tuple[int, ...] | None = None
    is_prerelease: bool = False
    target_branch: bytes | None = None
    tagged_at: datetime | None = None
    is_tag_only: bool = False
    tag_created_at: datetime | None = None
    by_package_folder: bool | None = None


def reconcile_pull_request(known: PullRequestRow | None, reported: PullRequestRow) -> PullRequestRow:
    """Merge the reported state into the known one."""
    if reported.sized_at is None and (reported.changed_lines, reported.changed_files) != (None, None):
        reported = replace(reported, sized_at=reported.forge_updated_at)
    if known is None:
        return _with_end(reported, reported, None)
    newer, older = (reported, known) if _is_newer(reported, known) else (known, reported)
    filled = replace(
        newer,
        **_gaps(newer, older, *_SOMETIMES_REPORTED),
        **_size(known, reported),
        label=reported.label or known.label,
        # From whoever reads the code at the time, whatever the forge reported since.
        owner=reported.owner or known.owner,
        author_team_id=reported.author_team_id or known.author_team_id,
        opened_at=min(known.opened_at, reported.opened_at),
        **_landing(known, reported),
    )
    return _with_end(filled, newer, older)


def _landing(known: PullRequestRow, reported: PullRequestRow) -> dict[str, Any]:
    """Return the earliest landing by the surest evidence."""
    if known.landed_at is None or reported.landed_at is None:
        first = reported if known.landed_at is None else known
    else:
        first = min(known, reported, key=lambda row: (row.landed_by or "", row.landed_at))
    return {"landed_at": first.landed_at, "landed_by": first.landed_by}


def _size(known: PullRequestRow, reported: PullRequestRow) -> dict[str, Any]:
    """Return the size reported last, which the newest row may lack; at equal times the larger."""
    sized = max((known, reported), key=lambda row: (row.sized_at or EARLIEST, row.changed_lines or 0))
    return {name: getattr(sized, name) for name in ("changed_lines", "changed_files", "sized_at")}


def _is_newer(reported: PullRequestRow, known: PullRequestRow) -> bool:
    if reported.forge_updated_at != known.forge_updated_at:
        return reported.forge_updated_at > known.forge_updated_at
    return _FURTHER[reported.state] >= _FURTHER[known.state]


def _with_end(row: PullRequestRow, newer: PullRequestRow, older: PullRequestRow | None) -> PullRequestRow:
    """Set when it ended. GitLab reports this only once; until then, the first later report is used."""
    if row.state is PullRequestState.OPEN:
        return replace(row, merged_at=None, closed_at=None)
    same = older if older is not None and older.state is row.state else None
    closed_at = _end(newer.closed_at, (same.closed_at or same.forge_updated_at) if same else None, row.forge_updated_at)
    if row.state is PullRequestState.ABANDONED and row.landed_at is not None:
        state = PullRequestState.MERGED
        return replace(row, state=state, merged_at=row.landed_at, closed_at=newer.closed_at or closed_at)
    if row.state is PullRequestState.ABANDONED:
        return replace(row, merged_at=None, closed_at=newer.closed_at or closed_at)
    merged_at = _end(
        newer.merged_at,
        (same.merged_at or same.forge_updated_at) if same else None,
        newer.closed_at or row.forge_updated_at,
    )
    return replace(row, merged_at=merged_at, closed_at=closed_at)


def _end(reported: datetime | None, other: datetime | None, otherwise: datetime) -> datetime:
    """Return the earliest reported time, because only guesses are late."""
    return min((at for at in (reported, other) if at is not None), default=otherwise)


# Within one instant of the forge's clock, a prerelease was promoted rather than demoted, and GitHub gives a deletion
# no time of its own.
_RELEASED_FURTHER = {
    ReleaseState.TAG: 0,
    ReleaseState.DRAFT: 1,
    ReleaseState.PRERELEASE: 2,
    ReleaseState.PUBLISHED: 3,
    ReleaseState.DELETED: 4,
}


def reconcile_release(known: ReleaseRow | None, reported: ReleaseRow, *, is_tag: bool) -> ReleaseRow:
    """Merge the reported release into the known one. A release outweighs its tag.

    A deleted release stays deleted unless something newer is reported about it as a release, or its tag was created
    again: then it is that tag. The commit is that of the tag set last.
    """
    reported = replace(reported, is_tag_only=is_tag)
    if is_tag and reported.state is ReleaseState.DELETED:
        reported = replace(reported, tag_created_at=reported.forge_updated_at)
    if known is None:
        return reported
    if known.state is ReleaseState.TAG and not known.is_tag_only:
        known = replace(known, state=ReleaseState.DELETED)
    if known.is_tag_only != reported.is_tag_only:
        newer, older = (reported, known) if known.is_tag_only else (known, reported)
    else:
        newer, older = (reported, known) if _release_age(reported) >= _release_age(known) else (known, reported)
    filled = replace(
        newer,
        **_gaps(newer, older, "label", "family", "version", "target_branch"),
        is_prerelease=known.is_prerelease or reported.is_prerelease,
        by_package_folder=known.by_package_folder or reported.by_package_folder,
    )
    last, first = (known, reported) if _set_at(known) > _set_at(reported) else (reported, known)
    return _created_again(_with_tag(filled, last, first, newer), newer, older)


def _created_again(row: ReleaseRow, newer: ReleaseRow, older: ReleaseRow) -> ReleaseRow:
    """Set when its tag was created or deleted last; a deleted release whose tag was created later is that tag."""
    changed_at = max((at for each in (newer, older) if (at := each.tag_created_at)), default=None)
    row = replace(row, tag_created_at=changed_at)
    if row.is_tag_only or row.state is not ReleaseState.DELETED or changed_at is None:
        return row
    # A tag that was set before it was created or deleted last is gone.
    if _set_at(row) < changed_at or changed_at <= row.forge_updated_at + PUBLISHING:
        return row
    return replace(row, state=ReleaseState.TAG, released_at=changed_at)


def _release_age(row: ReleaseRow) -> tuple[datetime, int]:
    return row.forge_updated_at, _RELEASED_FURTHER[row.state]


def _set_at(row: ReleaseRow) -> datetime:
    return row.tagged_at or EARLIEST


def _with_tag(row: ReleaseRow, last: ReleaseRow, first: ReleaseRow, newer: ReleaseRow) -> ReleaseRow:
    """Set the commit of the tag set last; without a tag, the commit named by the release."""
    if last.tagged_at is None:
        return replace(row, commit=newer.commit or last.commit or first.commit, tagged_at=None)
    return replace(row, commit=last.commit or first.commit, tagged_at=last.tagged_at)


def _gaps(newer: Any, older: Any, *names: str) -> dict[str, Any]:
    """Return the named fields, from the older row where the newer has none."""
    return {name: getattr(older if getattr(newer, name) is None else newer, name) for name in names}
