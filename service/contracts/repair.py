"""What is sent to start checks for what webhooks missed, and what is shown of them."""

from datetime import datetime

import msgspec

from schema.contracts.values import Forge


class NewRepair(msgspec.Struct, forbid_unknown_fields=True):
    """Check at once, at every connection to the forge that can be asked, or at `connection` alone."""

    forge: Forge
    connection: str | None = None


class RepairShown(msgspec.Struct):
    """One kind of check of a connection, or of the App that delivers for it.

    `state` is running (somebody asked for it), waiting (the forge puts it off), refused, not_offered (by this
    forge), failing or well; `reason` says why it is not well. `found`, `asked_again` and `recovered` count the last
    30 days; `missing` have not come yet. `hooks_mended` is how often a webhook was found changed, gone or switched
    off at the forge, and put right.
    """

    kind: str
    state: str
    reason: str | None
    last_success_at: datetime | None
    next_at: datetime
    found: int
    asked_again: int
    recovered: int
    missing: int
    hooks_mended: int = 0
    connection: str | None = None
    github_app: str | None = None


class RepairList(msgspec.Struct):
    """Checks of an organization."""

    items: list[RepairShown]
    next_cursor: str | None = None
