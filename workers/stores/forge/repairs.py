"""Due checks, their results, and counts of what they repaired."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec
from prometheus_client import Counter

from schema.database import Tenant
from schema.encryption import Vault
from schema.github_apps import AppVault
from schema.key_ring import KeyRing
from schema.repair_checks import WANTED_CHECKS
from schema.work_rows import WorkKind
from workers.forge_access.access import Access, AppAccess
from workers.forge_access.sending_hooks import SendingHook
from workers.stores.forge.accesses import AccessVaults, load_access
from workers.work_queue import Retry, WorkQueue, after


class RepairKind(StrEnum):
    """What a check lists at the forge: repositories, failed deliveries, tags and releases, or recent pull requests."""

    ACCESS = "access"
    DELIVERIES = "deliveries"
    RELEASES = "releases"
    COMPARISON = "comparison"


# Longer than the slowest check; afterwards another worker may claim the check of a killed one.
LEASE = timedelta(minutes=5)

# Counted besides the kinds of checks.
HOOKS = "hooks"

REPAIRS = Counter("shipledger_repairs", "What webhooks missed: found, requested again, recovered", ["kind", "outcome"])

QUEUE = WorkQueue(
    WorkKind.REPAIR,
    due="{table}.next_attempt_at <= now()",
    # Somebody waits for the result of a new token.
    order="kind <> 'access', next_attempt_at, subject_id, kind",
    lease=LEASE,
    is_open="true",
    is_given_up=False,
    on_failure="requested_at = NULL",
)

_CHECK = "subject_id, kind, cursor, sealed_places, placed_at, requested_at, attempts"

_APP = """
SELECT base_url, sealed_credentials FROM github_app
 WHERE organization_id = $1 AND registration_id = $2 AND state = 'registered'
"""

_PLACE = """
UPDATE repair_check SET sealed_places = $4, placed_at = now()
 WHERE organization_id = $1 AND subject_id = $2 AND kind = $3
"""

# Progress extends the lease.
_KEEP_CURSOR = """
UPDATE repair_check SET cursor = $4, next_attempt_at = now() + $5::interval
 WHERE organization_id = $1 AND subject_id = $2 AND kind = $3
"""

_FINISH = QUEUE.completing(
    f"cursor = chosen.cursor, next_attempt_at = {after('chosen.pause')}, requested_at = NULL, succeeded_at = now()",
    {"cursor": "text", "pause": "interval"},
)

_LOOK_SOON = """
UPDATE repair_check SET next_attempt_at = now()
 WHERE organization_id = $1 AND subject_id = $2 AND kind = ANY($3::text[])
"""

_COUNT = """
INSERT INTO repair_count AS counted (organization_id, subject_id, kind, day, found, redelivery_requests, recovered)
VALUES ($1, $2, $3, (now() AT TIME ZONE 'UTC')::date, $4, $5, $6)
    ON CONFLICT (organization_id, subject_id, kind, day) DO UPDATE
   SET found = counted.found + excluded.found,
       redelivery_requests = counted.redelivery_requests + excluded.redelivery_requests,
       recovered = counted.recovered + excluded.recovered
"""


_END = f"""
DELETE FROM repair_check
 WHERE organization_id = $1 AND (subject_id, kind) NOT IN (SELECT subject_id, kind FROM ({WANTED_CHECKS}) AS wanted)
"""  # noqa: S608 - constants above

_BEGIN = f"""
INSERT INTO repair_check (organization_id, subject_id, kind) SELECT $1, wanted.* FROM ({WANTED_CHECKS}) AS wanted
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants above


@dataclass(frozen=True, slots=True)
class Check:
    """A check leased by this worker; `places` are sealed paths of hooks, if known."""

    organization_id: int
    subject_id: UUID
    kind: RepairKind
    cursor: str | None
    sealed_places: bytes | None
    placed_at: datetime | None
    requested_at: datetime | None
    attempts: int
    access: Access | AppAccess | None

    @property
    def key(self) -> tuple[UUID, str]:
        """Subject and kind."""
        return self.subject_id, self.kind


async def renew_checks(tenant: Tenant) -> None:
    """Add checks that are now possible, and delete those that no longer are."""
    await tenant.execute(_END)
    await tenant.execute(_BEGIN)


async def claim(tenant: Tenant, ring: KeyRing) -> Check | None:
    """Claim and lease the next due check; its access is None without a way to ask."""
    found = await QUEUE.claim(tenant, _CHECK, limit=1)
    if not found:
        return None
    row = found[0]
    await QUEUE.hold(tenant, [(row["subject_id"], row["kind"])])
    reported = {
        name: row[name] for name in ("subject_id", "cursor", "sealed_places", "placed_at", "requested_at", "attempts")
    }
    access = await load_access(tenant, AccessVaults(ring), row["subject_id"])
    return Check(
        organization_id=tenant.organization_id,
        kind=RepairKind(row["kind"]),
        access=access or await _app_access(tenant, row["subject_id"], AppVault(ring)),
        **reported,
    )


async def _app_access(tenant: Tenant, registration_id: UUID, vault: AppVault) -> AppAccess | None:
    """Return the App's own access; None for an App without a webhook, which has no deliveries."""
    row = await tenant.fetchrow(_APP, registration_id)
    if row is None:
        return None
    app = vault.credentials(tenant.organization_id, row["sealed_credentials"])
    return AppAccess(registration_id, row["base_url"], app.app_id, app.private_key) if app.webhook_secret else None


def open_places(vault: Vault, check: Check) -> list[SendingHook]:
    """Return hooks and their paths as last found."""
    if check.sealed_places is None:
        return []
    opened = vault.open(check.organization_id, check.sealed_places)
    return [SendingHook(hook, path) for hook, path in msgspec.json.decode(opened, type=list[tuple[str, str]])]


async def keep_places(tenant: Tenant, vault: Vault, check: Check, hooks: Collection[SendingHook]) -> None:
    """Store where hooks are, sealed, because their paths name repositories and accounts."""
    places = [(each.hook, each.path) for each in hooks]
    sealed = vault.seal(check.organization_id, msgspec.json.encode(places))
    await tenant.execute(_PLACE, *check.key, sealed)


async def keep_cursor(tenant: Tenant, check: Check, cursor: str) -> None:
    """Store the cursor and extend the lease."""
    await tenant.execute(_KEEP_CURSOR, *check.key, cursor, LEASE)


async def hold(tenant: Tenant, check: Check) -> None:
    """Extend the lease."""
    await QUEUE.hold(tenant, [check.key])


async def finish(tenant: Tenant, check: Check, cursor: str | None, pause: timedelta) -> None:
    """Complete the check; it is due again after a pause."""
    await QUEUE.run(tenant, _FINISH, [(*check.key, cursor, pause)])


async def defer(tenant: Tenant, check: Check, until: datetime, failure: str) -> None:
    """Postpone, because the forge accepts no requests before an instant."""
    await QUEUE.defer(tenant, [check.key], until, failure, is_attempt=True)


async def back_off(tenant: Tenant, check: Check, failure: str, retry: Retry) -> None:
    """Back off after a failure."""
    await QUEUE.back_off(tenant, [check.key], failure, retry)


async def look_soon(tenant: Tenant, subject_id: UUID, kinds: Iterable[RepairKind]) -> None:
    """Make checks due now, because some deliveries may never have been sent."""
    await tenant.execute(_LOOK_SOON, subject_id, list(kinds))


async def count_repaired_hook(tenant: Tenant, subject_id: UUID) -> None:
    """Count a hook that was changed, missing or disabled and works again."""
    await tenant.execute(_COUNT, subject_id, HOOKS, 1, 0, 1)
    REPAIRS.labels(HOOKS, "recovered").inc()


async def count(
    tenant: Tenant, check: Check, *, found: int = 0, redelivery_requests: int = 0, recovered: int = 0
) -> None:
    """Add to today's counts."""
    if found or redelivery_requests or recovered:
        await tenant.execute(_COUNT, *check.key, found, redelivery_requests, recovered)
    for outcome, number in (("found", found), ("redelivery_requests", redelivery_requests), ("recovered", recovered)):
        REPAIRS.labels(check.kind.value, outcome).inc(number)
