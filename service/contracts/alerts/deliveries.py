"""What was sent to channels of alerts."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor

DeliveryState: TypeAlias = Literal["waiting", "delivered", "failed", "dead"]


class AlertDeliveryShown(Struct, frozen=True, kw_only=True):
    """An event of an alert, or a test, on its way to a channel."""

    id: Annotated[int, Meta(description="Id of the delivery")]
    channel_id: Annotated[int, Meta(description="Id of the channel")]
    channel: Annotated[str, Meta(description="Name of the channel")]
    alert_id: Annotated[int | None, Meta(description="Id of the alert; null for a test")]
    event: Annotated[str, Meta(description="raised, reminded (after a snooze), acknowledged, resolved or test")]
    state: Annotated[
        DeliveryState, Meta(description="waiting, delivered, failed (a test) or dead (given up; can be replayed)")
    ]
    attempts: Annotated[int, Meta(description="Failed attempts")]
    failure: Annotated[str | None, Meta(description="Code of the last failure; null without one")]
    reason: Annotated[str | None, Meta(description="What failed and what to do; null without a failure")]
    next_attempt_at: Annotated[datetime | None, Meta(description="Earliest next attempt; null once it ended")]
    created_at: datetime
    delivered_at: Annotated[datetime | None, Meta(description="When the receiver accepted it; null before")]


class AlertDeliveryList(Struct, frozen=True):
    """Deliveries, newest first."""

    items: list[AlertDeliveryShown]
    next_cursor: NextCursor
