"""Links to the dashboard: those that sign in once, and those that share one view."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from schema.contracts.values import Title
from service.contracts.access.roles import RoleName
from service.contracts.amounts import NextCursor

Seconds = Annotated[int, Meta(ge=60, description="Seconds until the link expires")]
OneTeam = Annotated[Title, Meta(description="Team that the link is limited to; null for all teams")]


class DashboardLinkIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link that signs in once."""

    role: Annotated[RoleName, Meta(description="Role of who opens the link")] = "viewer"
    team: OneTeam | None = None
    expires_in: Annotated[Seconds, Meta(le=604_800)] = 3_600


class DashboardLinkMade(Struct, frozen=True, kw_only=True):
    """A new link that signs in once."""

    url: Annotated[str, Meta(description="Address to open in a browser; shown only once, because it is not stored")]
    role: RoleName
    team: str | None
    expires_at: datetime


class SharedLinkIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A view to share."""

    view: Annotated[str, Meta(description="Path and query of a page, such as /spend?period=4w")]
    team: OneTeam | None = None
    expires_in: Annotated[Seconds, Meta(le=31_622_400)] = 604_800


class SharedLinkShown(Struct, frozen=True, kw_only=True):
    """A shared link without its address."""

    id: UUID
    view: Annotated[str, Meta(description="Path and query of the page that it shows")]
    team: str | None
    created_by: Annotated[str, Meta(description="Who made it, as the audit log names them")]
    created_at: datetime
    expires_at: datetime
    revoked_at: Annotated[datetime | None, Meta(description="Null while the link is not revoked")]
    times_opened: int
    opened_at: Annotated[datetime | None, Meta(description="When it was last opened")]


class SharedLinkMade(SharedLinkShown, frozen=True, kw_only=True):
    """A new shared link with its address."""

    url: Annotated[str, Meta(description="Address to share; shown only once, because it is not stored")]


class SharedLinkList(Struct, frozen=True, kw_only=True):
    """Shared links, including revoked and expired ones."""

    items: list[SharedLinkShown]
    next_cursor: NextCursor
