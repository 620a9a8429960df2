"""Pull requests that went from one team to another, beside what else changed in a transaction."""

from collections.abc import Iterable

from schema.invalidate_days import invalidate_days
from workers.facts.changes import Days, invalidate_changes
from workers.facts.repositories import ForgeScope


async def invalidate_transfers(scope: ForgeScope, moved: Iterable[Days | None]) -> bool:
    """Mark what was touched, and days of all teams on which pull requests moved; last of all.

    True when there is something to settle.
    """
    stale = await invalidate_changes(scope.tenant, scope.touched)
    for days in moved:
        if days is not None:
            stale |= await invalidate_days(scope.tenant, from_day=days.first, to_day=days.last)
    return stale
