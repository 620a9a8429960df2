"""Facts from forges: repositories, pull requests, activity, commits on branches, releases."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Column
from sqlmodel import Field

from schema.kinds import PullRequestState
from schema.tables import columns


class Repository(columns.OfArtifact, table=True):
    """A repository, found by aliases of its numeric id and names. `team_synced`: a team sync set its team."""

    __table_args__ = (columns.references("team", "team_id"),)

    forge: str
    team_id: int | None = columns.count(default=None, nullable=True)
    team_synced: bool = columns.flag()
    default_branch: bytes | None = columns.keyed_hash(default=None, nullable=True)
    label: str | None = Field(default=None, description="host/owner/name, if labels are on")
    named_at: datetime | None = columns.instant(default=None, nullable=True, description="forge time of the name")
    created_at: datetime = columns.created()


class RepositoryTeam(columns.Tenant, table=True):
    """A former team of a repository, from the repository's previous `until` to this one."""

    __table_args__ = (
        columns.references("repository", "repository_id", to="artifact_id"),
        columns.references("team", "team_id"),
    )

    repository_id: bytes = columns.keyed_hash(primary_key=True)
    until: datetime = columns.instant(primary_key=True)
    team_id: int = columns.count(nullable=False)


class ArtifactAlias(columns.Tenant, table=True):
    """Another name of an artifact: a repository's id or (former) name, a commit of a pull request."""

    __table_args__ = (columns.index("artifact_alias_artifact", "artifact_id"),)

    kind: str = Field(primary_key=True)
    alias: bytes = columns.keyed_hash(primary_key=True)
    artifact_id: bytes = columns.keyed_hash(primary_key=True)
    first_seen_at: datetime = columns.created()


class PullRequest(columns.OfArtifact, table=True):
    """A pull request or merge request; `forge_updated_at` keeps older reports from overwriting newer ones."""

    __table_args__ = (
        columns.references("repository", "repository_id", to="artifact_id"),
        columns.index("pull_request_number_key", "repository_id", "number", unique=True),
        columns.index("pull_request_branch", "head_branch", "head_repository_id"),
        columns.index("pull_request_base", "base_branch", "repository_id"),
        columns.index("pull_request_merged", "merged_at"),
        columns.index("pull_request_abandoned", "head_commit", where="state = 'abandoned'"),
        columns.index("pull_request_owner", "owner", where="owner IS NOT NULL"),
        columns.references("team", "author_team_id", to="team_id", name="pull_request_author_team"),
        columns.index("pull_request_author_team", "author_team_id", where="author_team_id IS NOT NULL"),
    )

    repository_id: bytes = columns.keyed_hash(nullable=False)
    number: bytes = columns.keyed_hash(nullable=False)
    head_repository_id: bytes | None = columns.keyed_hash(default=None, nullable=True)
    head_branch: bytes | None = columns.keyed_hash(default=None, nullable=True)
    base_branch: bytes | None = columns.keyed_hash(default=None, nullable=True)
    state: str = columns.state(PullRequestState.OPEN)
    draft: bool = columns.flag()
    opened_at: datetime = columns.instant(nullable=False)
    merged_at: datetime | None = columns.instant(default=None, nullable=True)
    closed_at: datetime | None = columns.instant(default=None, nullable=True)
    changed_lines: int | None = Field(default=None)
    changed_files: int | None = Field(default=None)
    sized_at: datetime | None = columns.instant(default=None, nullable=True, description="when its size was reported")
    label: str | None = Field(default=None, description="repo#123, if labels are on")
    owner: bytes | None = columns.keyed_hash(default=None, nullable=True, description="owns most of the changed paths")
    head_commit: bytes | None = columns.keyed_hash(default=None, nullable=True)
    landed_at: datetime | None = columns.instant(
        default=None, nullable=True, description="when a push to its base brought it, though its forge says closed"
    )
    landed_by: str | None = Field(default=None, description="a LandedBy")
    is_bot: bool | None = Field(default=None, description="whether its author is a bot; null if unknown")
    author_team_id: int | None = columns.count(default=None, nullable=True, description="if the repository has no team")
    forge_updated_at: datetime = columns.instant(nullable=False)


class Activity(columns.OfArtifact, table=True):
    """An instant at which a pull request was worked on."""

    __table_args__ = (columns.references("pull_request", "artifact_id"), columns.index("activity_time", "occurred_at"))

    kind: str = Field(primary_key=True)
    reference: bytes = columns.keyed_hash(primary_key=True)
    occurred_at: datetime = columns.instant(nullable=False)


class BranchCommit(columns.Tenant, table=True):
    """A commit pushed to a branch, kept for pull requests that are opened from it later."""

    __table_args__ = (columns.index("branch_commit_commit", "commit"),)

    repository_id: bytes = columns.keyed_hash(primary_key=True)
    branch: bytes = columns.keyed_hash(primary_key=True)
    commit: bytes = columns.keyed_hash(primary_key=True)
    committed_at: datetime = columns.instant(nullable=False)
    pushed_at: datetime = columns.instant(nullable=False)
    push: bytes | None = columns.keyed_hash(default=None, nullable=True, description="identifies its push")


class Landing(columns.Tenant, table=True):
    """A push to a branch that brought a commit, or a commit whose message names a pull request (by `kind`)."""

    repository_id: bytes = columns.keyed_hash(primary_key=True)
    branch: bytes = columns.keyed_hash(primary_key=True)
    kind: str = Field(primary_key=True, description="a LandedBy")
    reference: bytes = columns.keyed_hash(primary_key=True)
    landed_at: datetime = columns.instant(nullable=False)


class AbbreviatedCommit(columns.Tenant, table=True):
    """The hash of a commit's abbreviated SHA, and the commit."""

    __table_args__ = (columns.index("abbreviated_commit_commit", "commit"),)

    abbreviation: bytes = columns.keyed_hash(primary_key=True)
    commit: bytes = columns.keyed_hash(primary_key=True)


class Release(columns.OfArtifact, table=True):
    """A release or tag; only the family's hash and the version's numbers are kept of the tag's name."""

    __table_args__ = (
        columns.references("repository", "repository_id", to="artifact_id"),
        columns.index("release_repository", "repository_id", "released_at"),
        columns.index("release_tagged", "repository_id", "tagged_at"),
        columns.index("release_newest", "released_at", "artifact_id"),
    )

    repository_id: bytes = columns.keyed_hash(nullable=False)
    state: str = Field(description="tag, draft, prerelease, published or deleted")
    released_at: datetime = columns.instant(nullable=False)
    commit: bytes | None = columns.keyed_hash(default=None, nullable=True)
    label: str | None = Field(default=None, description="repo@tag, if labels are on")
    forge_updated_at: datetime = columns.instant(nullable=False)
    family: bytes | None = columns.keyed_hash(default=None, nullable=True)
    version: list[int] | None = Field(default=None, sa_column=Column(ARRAY(BigInteger), nullable=True))
    is_prerelease: bool = columns.flag()
    target_branch: bytes | None = columns.keyed_hash(default=None, nullable=True)
    tagged_at: datetime | None = columns.instant(default=None, nullable=True, description="when the tag was last set")
    is_tag_only: bool = columns.flag()
    tag_created_at: datetime | None = columns.instant(
        default=None, nullable=True, description="when its tag was last created or deleted"
    )
    by_package_folder: bool | None = Field(default=None, description="if its tag names a package: ships by its folder")
    is_reported: bool = columns.flag()
    reported_by: str | None = Field(default=None, description="who listed what it ships: import or forge")


class ReportedShipment(columns.Tenant, table=True):
    """A pull request that a release ships according to an import or forge."""

    release_id: bytes = columns.keyed_hash(primary_key=True)
    pull_request_id: bytes = columns.keyed_hash(primary_key=True)


class ReleaseFix(columns.Tenant, table=True):
    """A release that was followed within days by a patch release, `fix_id`."""

    release_id: bytes = columns.keyed_hash(primary_key=True)
    fix_id: bytes = columns.keyed_hash(nullable=False)


class ReleasePullRequest(columns.Tenant, table=True):
    """A pull request that a release shipped before any other release of its family."""

    __table_args__ = (
        columns.references("release", "release_id", to="artifact_id"),
        columns.index("release_pull_request_pull_request", "pull_request_id"),
    )

    release_id: bytes = columns.keyed_hash(primary_key=True)
    pull_request_id: bytes = columns.keyed_hash(primary_key=True)
