"""GitHub Apps that organizations registered for themselves, and their unverified installations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field

from schema.kinds import AppState, RowState
from schema.tables.columns import (
    RetryColumns,
    count_column,
    created_column,
    hash_column,
    instant_column,
    organization_column,
    state_column,
)


class GithubApp(RetryColumns, table=True):
    """A registration of a GitHub App by manifest. Form and code are deleted when the registration ends."""

    __tablename__ = "github_app"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        Index("github_app_state_key", "organization_id", "state_digest", unique=True),
        Index("github_app_id", "app_id", postgresql_where=text("app_id IS NOT NULL")),
        Index("github_app_waiting", "organization_id", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    )

    organization_id: int = organization_column()
    registration_id: UUID = Field(primary_key=True)
    host: str = Field(description="forge host, such as github.com")
    base_url: str
    state: str = state_column(AppState.BEGUN)
    state_digest: bytes = hash_column(nullable=False, description="SHA-256 of the state that GitHub returns")
    expires_at: datetime = instant_column(nullable=False)
    sealed_form: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    sealed_code: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    app_id: int | None = count_column(default=None, nullable=True)
    sealed_credentials: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    created_at: datetime = created_column()
    registered_at: datetime | None = instant_column(default=None, nullable=True)


class InstallationClaim(RetryColumns, table=True):
    """An installation that a browser reported; it is connected once GitHub confirms that it belongs to the App."""

    __tablename__ = "installation_claim"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "registration_id"], ["github_app.organization_id", "github_app.registration_id"]
        ),
        Index(
            "installation_claim_waiting",
            "organization_id",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    organization_id: int = organization_column()
    registration_id: UUID = Field(primary_key=True)
    installation_id: int = count_column(primary_key=True)
    state: str = state_column(RowState.WAITING)
    created_at: datetime = created_column()
