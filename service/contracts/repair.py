"""Checks for missed webhooks: requests and responses."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor
from vocabulary.forge import Forge


class NewRepair(Struct, forbid_unknown_fields=True):
    """Checks to start now."""

    forge: Forge
    connection: Annotated[
        str | None, Meta(description="Id of the connection; null for every connection with access to the forge's API")
    ] = None


class RepairShown(Struct):
    """One kind of check, for a connection or for the App that delivers for it."""

    kind: Annotated[str, Meta(description="access, deliveries, releases or comparison")]
    state: Annotated[
        str,
        Meta(
            description="running (requested), waiting (for the forge's rate limit), refused, not_offered (by this "
            "forge), failing or healthy"
        ),
    ]
    reason: Annotated[str | None, Meta(description="Why the check is not healthy, and what to do; null otherwise")]
    last_success_at: Annotated[datetime | None, Meta(description="Null until the check has succeeded")]
    next_at: Annotated[datetime, Meta(description="Time of the next check")]
    found: Annotated[int, Meta(description="Missed in the last 30 days")]
    redelivery_requests: Annotated[int, Meta(description="Redeliveries requested in the last 30 days")]
    recovered: Annotated[int, Meta(description="Recovered in the last 30 days")]
    missing: Annotated[int, Meta(description="Deliveries that have not arrived yet")]
    hooks_repaired: Annotated[
        int,
        Meta(description="Repairs in the last 30 days of webhooks that were changed, deleted or disabled at the forge"),
    ] = 0
    connection: Annotated[str | None, Meta(description="Id of the connection; null for an App")] = None
    github_app: Annotated[str | None, Meta(description="Id of the App's registration; null for a connection")] = None


class RepairList(Struct):
    """All checks of an organization."""

    items: list[RepairShown]
    next_cursor: NextCursor = None
