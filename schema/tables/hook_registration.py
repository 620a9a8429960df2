"""Webhooks that workers create and repair at a forge, one per connection."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from schema.kinds import HookState
from schema.tables import columns


class HookRegistration(columns.Tenant, columns.RetryColumns, table=True):
    """The webhook of a connection. It stays if the connection is deleted after a failure, so it has no foreign key.

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
