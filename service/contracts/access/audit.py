"""The audit log."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor


class AuditEntryShown(Struct, frozen=True, kw_only=True):
    """An act of an administrator."""

    id: int
    acted_at: datetime
    actor: Annotated[
        str, Meta(description="A key or member by its id, `link`, or `operator` for a command on the database")
    ]
    action: Annotated[str, Meta(description="Endpoint or command, such as `POST /api/v1/keys`")]
    subject: Annotated[str, Meta(description="Id of what was changed; empty if the action names it")]


class AuditLog(Struct, frozen=True, kw_only=True):
    """Acts, newest first."""

    items: list[AuditEntryShown]
    next_cursor: NextCursor
