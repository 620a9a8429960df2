"""GitHub Apps that organizations registered for themselves, their unverified installations, and webhooks at GitLab."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from schema.kinds import AppState, HookState, RowState
from schema.tables import columns


class GithubApp(columns.Tenant, columns.RetryColumns, table=True):
    """A registration of a GitHub App by manifest. Form and code are deleted when the registration ends."""

    __table_args__ = (
        columns.of_organization(),
        columns.index("github_app_state_key", "state_digest", unique=True),
        Index("github_app_id", "app_id", postgresql_where=text("app_id IS NOT NULL")),
        columns.index("github_app_waiting", "next_attempt_at", where="state = 'waiting'"),
    )

    registration_id: UUID = Field(primary_key=True)
    host: str = Field(description="forge host, such as github.com")
    base_url: str
    state: str = columns.state(AppState.STARTED)
    state_digest: bytes = columns.keyed_hash(nullable=False, description="SHA-256 of the state that GitHub returns")
    expires_at: datetime = columns.instant(nullable=False)
    sealed_form: bytes | None = columns.sealed()
    sealed_code: bytes | None = columns.sealed()
    app_id: int | None = columns.count(default=None, nullable=True)
    sealed_credentials: bytes | None = columns.sealed()
    created_at: datetime = columns.created()
    registered_at: datetime | None = columns.instant(default=None, nullable=True)


class InstallationClaim(columns.Tenant, columns.RetryColumns, table=True):
    """An installation that a browser reported; it is connected once GitHub confirms that it belongs to the App."""

    __table_args__ = (
        columns.references("github_app", "registration_id"),
        columns.index("installation_claim_waiting", "next_attempt_at", where="state = 'waiting'"),
    )

    registration_id: UUID = Field(primary_key=True)
    installation_id: int = columns.count(primary_key=True)
    state: str = columns.state(RowState.WAITING)
    created_at: datetime = columns.created()


class HookRegistration(columns.Tenant, columns.RetryColumns, table=True):
    """The webhook that workers create and repair. It may outlive its connection, so it has no foreign key.

    `sealed_path` is deleted once `target_number` is known. `sealed_token` replaces the connection's token once the
    forge accepts it.
    """

    __table_args__ = (
        columns.of_organization(),
        columns.index("hook_registration_due", "next_attempt_at"),
        columns.index("hook_registration_target", "target"),
    )

    connection_id: UUID = Field(primary_key=True)
    host: str = Field(description="forge host, such as gitlab.com")
    scope: str = Field(description="group, project or system")
    target: bytes = columns.keyed_hash(nullable=False)
    sealed_path: bytes | None = columns.sealed()
    sealed_token: bytes | None = columns.sealed()
    target_number: int | None = columns.count(default=None, nullable=True)
    hook_number: int | None = columns.count(default=None, nullable=True)
    webhook_url: str
    state: str = columns.state(HookState.WAITING)
    is_signed: bool = columns.flag()
    wants_backfill: bool = columns.flag()
    test: str | None = Field(default=None, description="a TestDelivery")
    refused_event: int = columns.zero()
    repairs: int = columns.zero()
    last_repair: str | None = Field(default=None, description="settings that the last repair corrected")
    repaired_at: datetime | None = columns.instant(default=None, nullable=True)
    checked_at: datetime | None = columns.instant(default=None, nullable=True)
    registered_at: datetime | None = columns.instant(default=None, nullable=True)
    created_at: datetime = columns.created()
