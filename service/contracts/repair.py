"""Checks for missed webhooks: requests and responses."""

from datetime import datetime

import msgspec

from schema.contracts.values import Forge


class NewRepair(msgspec.Struct, forbid_unknown_fields=True):
    """Checks to start now, for every connection with access to the forge's API or only for `connection`."""

    forge: Forge
    connection: str | None = None


class RepairShown(msgspec.Struct):
    """One kind of check, for a connection or for the App that delivers for it.

    `state` is running (requested), waiting (for the forge's rate limit), refused, not_offered (by this forge), failing
    or healthy; `reason` says why it is not healthy. `found`, `redelivery_requests` and `recovered` count the last 30
    days; `missing` deliveries have not arrived yet. `hooks_repaired` counts repairs of webhooks that were changed,
    deleted or disabled at the forge.
    """

    kind: str
    state: str
    reason: str | None
    last_success_at: datetime | None
    next_at: datetime
    found: int
    redelivery_requests: int
    recovered: int
    missing: int
    hooks_repaired: int = 0
    connection: str | None = None
    github_app: str | None = None


class RepairList(msgspec.Struct):
    """All checks of an organization."""

    items: list[RepairShown]
    next_cursor: str | None = None
