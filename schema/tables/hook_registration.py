"""Webhooks that workers create and repair at a forge, one per connection."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field

from schema.kinds import HookState
from schema.tables.columns import (
    RetryColumns,
    count_column,
    created_column,
    flag_column,
    hash_column,
    instant_column,
    organization_column,
    state_column,
    zero_column,
)


class HookRegistration(RetryColumns, table=True):
    """The webhook of a connection. Outlives a connection whose registration failed, so there is no foreign key.

    `sealed_path` is deleted once `target_number` is known. `sealed_token` replaces the connection's token once the
    forge accepts it.
    """

    __tablename__ = "hook_registration"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        Index("hook_registration_due", "organization_id", "next_attempt_at"),
        Index("hook_registration_target", "organization_id", "target"),
    )

    organization_id: int = organization_column()
    connection_id: UUID = Field(primary_key=True)
    host: str = Field(description="forge host, such as gitlab.com")
    scope: str = Field(description="group, project or system")
    target: bytes = hash_column(nullable=False)
    sealed_path: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    sealed_token: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    target_number: int | None = count_column(default=None, nullable=True)
    hook_number: int | None = count_column(default=None, nullable=True)
    webhook_url: str
    state: str = state_column(HookState.WAITING)
    is_signed: bool = flag_column()
    wants_backfill: bool = flag_column()
    test: str | None = Field(default=None, description="a TestDelivery")
    refused_event: int = zero_column()
    repairs: int = zero_column()
    last_repair: str | None = Field(default=None, description="settings that the last repair corrected")
    repaired_at: datetime | None = instant_column(default=None, nullable=True)
    checked_at: datetime | None = instant_column(default=None, nullable=True)
    registered_at: datetime | None = instant_column(default=None, nullable=True)
    created_at: datetime = created_column()
