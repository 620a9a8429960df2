"""Facts from forges: repositories, pull requests, activity, commits on branches, releases."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Column, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from schema.kinds import PullRequestState
from schema.tables.columns import (
    count_column,
    created_column,
    flag_column,
    hash_column,
    instant_column,
    organization_column,
    state_column,
)


class Repository(SQLModel, table=True):
    """A repository, found by aliases of its numeric id and names. `team_synced`: a team sync set its team."""

    __tablename__ = "repository"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    forge: str
    team_id: int | None = count_column(default=None, nullable=True)
    team_synced: bool = flag_column()
    default_branch: bytes | None = hash_column(default=None, nullable=True)
    label: str | None = Field(default=None, description="host/owner/name, if labels are on")
    named_at: datetime | None = instant_column(default=None, nullable=True, description="forge time of the newest name")
    created_at: datetime = created_column()


class RepositoryTeam(SQLModel, table=True):
    """A former team of a repository, from the repository's previous `until` to this one."""

    __tablename__ = "repository_team"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "repository_id"], ["repository.organization_id", "repository.artifact_id"]
        ),
        ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
    )

    organization_id: int = organization_column()
    repository_id: bytes = hash_column(primary_key=True)
    until: datetime = instant_column(primary_key=True)
    team_id: int = count_column(nullable=False)


class ArtifactAlias(SQLModel, table=True):
    """Another name of an artifact: a repository's id or (former) name, a commit of a pull request."""

    __tablename__ = "artifact_alias"
    __table_args__ = (Index("artifact_alias_artifact", "organization_id", "artifact_id"),)

    organization_id: int = organization_column()
    kind: str = Field(primary_key=True)
    alias: bytes = hash_column(primary_key=True)
    artifact_id: bytes = hash_column(primary_key=True)
    first_seen_at: datetime = created_column()


class PullRequest(SQLModel, table=True):
    """A pull request or merge request; `forge_updated_at` keeps older reports from overwriting newer ones."""

    __tablename__ = "pull_request"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "repository_id"], ["repository.organization_id", "repository.artifact_id"]
        ),
        Index("pull_request_number_key", "organization_id", "repository_id", "number", unique=True),
        Index("pull_request_branch", "organization_id", "head_branch", "head_repository_id"),
        Index("pull_request_base", "organization_id", "base_branch", "repository_id"),
        Index("pull_request_merged", "organization_id", "merged_at"),
        Index("pull_request_owner", "organization_id", "owner", postgresql_where=text("owner IS NOT NULL")),
        ForeignKeyConstraint(
            ["organization_id", "author_team_id"],
            ["team.organization_id", "team.team_id"],
            name="pull_request_author_team",
        ),
        Index(
            "pull_request_author_team",
            "organization_id",
            "author_team_id",
            postgresql_where=text("author_team_id IS NOT NULL"),
        ),
    )

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    repository_id: bytes = hash_column(nullable=False)
    number: bytes = hash_column(nullable=False)
    head_repository_id: bytes | None = hash_column(default=None, nullable=True)
    head_branch: bytes | None = hash_column(default=None, nullable=True)
    base_branch: bytes | None = hash_column(default=None, nullable=True)
    state: str = state_column(PullRequestState.OPEN)
    draft: bool = flag_column()
    opened_at: datetime = instant_column(nullable=False)
    merged_at: datetime | None = instant_column(default=None, nullable=True)
    closed_at: datetime | None = instant_column(default=None, nullable=True)
    changed_lines: int | None = Field(default=None)
    changed_files: int | None = Field(default=None)
    sized_at: datetime | None = instant_column(default=None, nullable=True, description="when its size was reported")
    label: str | None = Field(default=None, description="repo#123, if labels are on")
    owner: bytes | None = hash_column(default=None, nullable=True, description="code owner of most changed paths")
    author_team_id: int | None = count_column(default=None, nullable=True, description="if the repository has no team")
    forge_updated_at: datetime = instant_column(nullable=False)


class Activity(SQLModel, table=True):
    """An instant at which a pull request was worked on."""

    __tablename__ = "activity"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "artifact_id"], ["pull_request.organization_id", "pull_request.artifact_id"]
        ),
        Index("activity_time", "organization_id", "occurred_at"),
    )

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    kind: str = Field(primary_key=True)
    reference: bytes = hash_column(primary_key=True)
    occurred_at: datetime = instant_column(nullable=False)


class BranchCommit(SQLModel, table=True):
    """A commit pushed to a branch, kept for pull requests that are opened from it later."""

    __tablename__ = "branch_commit"
    __table_args__ = (Index("branch_commit_commit", "organization_id", "commit"),)

    organization_id: int = organization_column()
    repository_id: bytes = hash_column(primary_key=True)
    branch: bytes = hash_column(primary_key=True)
    commit: bytes = hash_column(primary_key=True)
    committed_at: datetime = instant_column(nullable=False)
    pushed_at: datetime = instant_column(nullable=False)
    push: bytes | None = hash_column(default=None, nullable=True, description="identifies its push")


class AbbreviatedCommit(SQLModel, table=True):
    """The hash of a commit's abbreviated SHA, and the commit."""

    __tablename__ = "abbreviated_commit"
    __table_args__ = (Index("abbreviated_commit_commit", "organization_id", "commit"),)

    organization_id: int = organization_column()
    abbreviation: bytes = hash_column(primary_key=True)
    commit: bytes = hash_column(primary_key=True)


class Release(SQLModel, table=True):
    """A release or tag; only the family's hash and the version's numbers are kept of the tag's name."""

    __tablename__ = "release"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "repository_id"], ["repository.organization_id", "repository.artifact_id"]
        ),
        Index("release_repository", "organization_id", "repository_id", "released_at"),
    )

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    repository_id: bytes = hash_column(nullable=False)
    state: str = Field(description="tag, draft, prerelease, published or deleted")
    released_at: datetime = instant_column(nullable=False)
    commit: bytes | None = hash_column(default=None, nullable=True)
    label: str | None = Field(default=None, description="repo@tag, if labels are on")
    forge_updated_at: datetime = instant_column(nullable=False)
    family: bytes | None = hash_column(default=None, nullable=True)
    version: list[int] | None = Field(default=None, sa_column=Column(ARRAY(BigInteger), nullable=True))
    is_prerelease: bool = flag_column()
    target_branch: bytes | None = hash_column(default=None, nullable=True)
    tagged_at: datetime | None = instant_column(default=None, nullable=True, description="when the tag was last set")
    is_tag_only: bool = flag_column()
    is_reported: bool = flag_column()
    reported_by: str | None = Field(default=None, description="who listed what it ships: import or forge")


class ReportedShipment(SQLModel, table=True):
    """A pull request that a release ships according to an import or forge."""

    __tablename__ = "reported_shipment"

    organization_id: int = organization_column()
    release_id: bytes = hash_column(primary_key=True)
    pull_request_id: bytes = hash_column(primary_key=True)


class ReleaseFix(SQLModel, table=True):
    """A release that was followed within days by a patch release, `fix_id`."""

    __tablename__ = "release_fix"

    organization_id: int = organization_column()
    release_id: bytes = hash_column(primary_key=True)
    fix_id: bytes = hash_column(nullable=False)


class ReleasePullRequest(SQLModel, table=True):
    """A pull request that a release shipped before any other release of its family."""

    __tablename__ = "release_pull_request"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "release_id"], ["release.organization_id", "release.artifact_id"]),
        Index("release_pull_request_pull_request", "organization_id", "pull_request_id"),
    )

    organization_id: int = organization_column()
    release_id: bytes = hash_column(primary_key=True)
    pull_request_id: bytes = hash_column(primary_key=True)
