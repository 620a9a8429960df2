"""Outcomes of merged pull requests, and the reports behind them. Hashes and counts only."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from schema.tables.columns import hash_column, instant_column, organization_column


class PullRequestTitle(SQLModel, table=True):
    """The hash of a pull request's title, which is matched with `Revert "…"` without a number."""

    __tablename__ = "pull_request_title"
    __table_args__ = (Index("pull_request_title_title", "organization_id", "title"),)

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    title: bytes = hash_column(nullable=False)
    reported_at: datetime = instant_column(nullable=False)


class Revert(SQLModel, table=True):
    """A pull request or pushed commit that reverts something; `branch` is where the commit was pushed."""

    __tablename__ = "revert"

    organization_id: int = organization_column()
    repository_id: bytes = hash_column(primary_key=True)
    source_kind: str = Field(primary_key=True)
    source: bytes = hash_column(primary_key=True)
    target_kind: str = Field(primary_key=True)
    target: bytes = hash_column(primary_key=True)
    branch: bytes = hash_column(primary_key=True, description="empty for pull requests")
    occurred_at: datetime = instant_column(nullable=False)


class Outcome(SQLModel, table=True):
    """The outcome of a pull request, derived from activity, reverts and releases."""

    __tablename__ = "outcome"

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    pushes_after_opening: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    review_rounds: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reverted_at: datetime | None = instant_column(default=None, nullable=True)
    reverted_by: bytes | None = hash_column(default=None, nullable=True, description="null for a pushed commit")
    fix_released_at: datetime | None = instant_column(default=None, nullable=True)
