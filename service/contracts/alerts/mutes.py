"""Mutes: rules and teams whose alerts are not sent."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor
from service.contracts.spend.watched import AlertRule


class NewAlertMute(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to mute: a rule, a team, or a rule of a team. Its alerts are listed, but not sent."""

    rule: Annotated[AlertRule | None, Meta(description="Rule to mute; null for all rules")] = None
    team: Annotated[str | None, Meta(description="Team to mute; null for all teams")] = None
    muted_to: Annotated[date | None, Meta(description="Last UTC day of the mute; null until it is removed")] = None


class AlertMuteShown(Struct, frozen=True, kw_only=True):
    """A mute."""

    id: Annotated[int, Meta(description="Id of the mute")]
    rule: Annotated[str | None, Meta(description="Muted rule; null for all rules")]
    team: Annotated[str | None, Meta(description="Muted team; null for all teams")]
    muted_to: Annotated[date | None, Meta(description="Last UTC day of the mute; null until it is removed")]
    created_at: datetime


class AlertMuteList(Struct, frozen=True):
    """All mutes, oldest first; those that are over are left out."""

    items: list[AlertMuteShown]
    next_cursor: NextCursor = None
