"""Webhooks that workers make and mend at a forge, one for a connection."""

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
    """The webhook of a connection: what was wished for, what the forge calls it, and how often it was mended.

    A connection of which nothing came is deleted and leaves its registration, which says why; so it is named and not
    referred to. The path at the forge is sealed, and forgotten once the forge's number for it is known; a token that
    is to replace the connection's is sealed here until the forge took it.
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
    test: str | None = Field(default=None, description="what became of the test delivery")
    refused_event: int = zero_column()
    repairs: int = zero_column()
    last_repair: str | None = Field(default=None, description="which settings of the hook were mended last")
    repaired_at: datetime | None = instant_column(default=None, nullable=True)
    checked_at: datetime | None = instant_column(default=None, nullable=True)
    registered_at: datetime | None = instant_column(default=None, nullable=True)
    created_at: datetime = created_column()
