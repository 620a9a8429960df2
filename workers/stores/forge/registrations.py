"""Hook registrations: the next due one, leased by one worker, and its result."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from schema.database import Tenant
from schema.encryption import Vault
from schema.kinds import HookState
from schema.work_rows import WorkKind
from vocabulary.hooks import HookScope
from workers.forge_access.access import Access
from workers.forge_access.hooks import HookPlace, HookSecret
from workers.forge_access.listed import Listed
from workers.stores.forge.accesses import APP, COLUMNS, AccessVaults
from workers.stores.forge.installations import fetch_repositories
from workers.work_queue import WorkQueue

# Longer than the slowest hook; afterwards another worker may claim what a killed one had.
LEASE = timedelta(minutes=3)
# A change at the forge is found after this time at the latest.
CHECK_INTERVAL = timedelta(hours=1)

QUEUE = WorkQueue(
    WorkKind.HOOK,
    lock="hooks",
    joins=(
        "JOIN connection ON connection.organization_id = {organization}"
        " AND connection.connection_id = hook_registration.connection_id"
    ),
    due="{table}.state IN ('waiting', 'registered', 'removing') AND {table}.next_attempt_at <= now()",
    order="hook_registration.next_attempt_at",
    lease=LEASE,
    is_open="true",
    is_given_up=False,
)

_COLUMNS = f"""
hook_registration.scope, hook_registration.sealed_path, hook_registration.target_number, hook_registration.hook_number,
hook_registration.webhook_url, hook_registration.state, hook_registration.is_signed, hook_registration.attempts,
hook_registration.refused_event, hook_registration.registered_at, hook_registration.wants_backfill,
connection.sealed_secret, hook_registration.sealed_token AS tried_token, now() AS claimed_at, {COLUMNS}
"""

_REGISTERED = """
UPDATE hook_registration
   SET state = 'registered', target_number = $3, hook_number = $4, is_signed = $5, refused_event = $6, test = $8,
       sealed_path = NULL, sealed_token = NULL, wants_backfill = false, attempts = 0, failure = NULL,
       registered_at = coalesce(registered_at, now()), checked_at = now(), next_attempt_at = now() + $7::interval
 WHERE organization_id = $1 AND connection_id = $2 AND state = 'waiting'
"""

# Runs before the sealed token of the registration is deleted.
_TAKE_OVER = """
UPDATE connection SET sealed_token = registration.sealed_token
  FROM hook_registration AS registration
 WHERE connection.organization_id = $1 AND connection.connection_id = $2 AND connection.state = 'active'
   AND registration.organization_id = $1 AND registration.connection_id = $2
   AND registration.sealed_token IS NOT NULL
"""

_CHECKED = """
UPDATE hook_registration
   SET hook_number = $3, is_signed = $4, refused_event = $5, failure = NULL, attempts = 0, checked_at = now(),
       next_attempt_at = now() + $7::interval,
       repairs = repairs + CASE WHEN $6::text IS NULL THEN 0 ELSE 1 END,
       last_repair = coalesce($6, last_repair), repaired_at = CASE WHEN $6::text IS NULL THEN repaired_at ELSE now() END
 WHERE organization_id = $1 AND connection_id = $2 AND state = 'registered'
"""

_NOT_RENEWED = """
UPDATE hook_registration
   SET state = 'registered', failure = $3, sealed_path = NULL, sealed_token = NULL,
       next_attempt_at = now() + $4::interval
 WHERE organization_id = $1 AND connection_id = $2 AND state IN ('waiting', 'registered')
"""

_FAIL = """
UPDATE hook_registration SET state = 'failed', failure = $3, sealed_path = NULL
 WHERE organization_id = $1 AND connection_id = $2
"""

_FORGET_CONNECTION = "DELETE FROM connection WHERE organization_id = $1 AND connection_id = $2"
_CLOSE_CONNECTION = """
UPDATE connection SET state = 'deleted', sealed_token = NULL, sealed_secret = NULL
 WHERE organization_id = $1 AND connection_id = $2
"""

_REMOVED = """
UPDATE hook_registration SET state = 'removed', failure = $3, sealed_path = NULL
 WHERE organization_id = $1 AND connection_id = $2
"""

_FIND = """
SELECT scope, target_number, hook_number FROM hook_registration
 WHERE organization_id = $1 AND connection_id = $2 AND state IN ('waiting', 'registered') AND hook_number IS NOT NULL
"""

_LOOK_SOON = """
UPDATE hook_registration SET next_attempt_at = now()
 WHERE organization_id = $1 AND connection_id = $2 AND state = 'registered'
RETURNING 1
"""

_ARRIVED = """
SELECT EXISTS (SELECT FROM delivery WHERE organization_id = $1 AND connection_id = $2 AND received_at >= $3)
"""


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration leased by this worker; `place` is None until the forge returned it."""

    organization_id: int
    connection_id: UUID
    scope: HookScope
    path: str | None = field(repr=False)
    place: HookPlace | None
    hook_number: int | None
    webhook_url: str
    state: HookState
    is_signed: bool
    attempts: int
    refused_event: int
    is_first: bool
    wants_backfill: bool
    claimed_at: datetime
    secret: HookSecret
    access: Access | None


async def claim(tenant: Tenant, vaults: AccessVaults, secrets: Vault, names: Vault) -> Registration | None:
    """Claim and lease the next due registration; after a crash, the lease expires."""
    found = await QUEUE.claim(tenant, _COLUMNS, limit=1, more=APP)
    if not found:
        return None
    row = found[0]
    await QUEUE.hold(tenant, [(row["connection_id"],)])
    scope, sealed, secret = HookScope(row["scope"]), row["sealed_path"], row["sealed_secret"]
    is_known = row["hook_number"] is not None
    return Registration(
        organization_id=tenant.organization_id,
        scope=scope,
        path=names.open(tenant.organization_id, sealed).decode() if sealed is not None else None,
        place=HookPlace(scope, row["target_number"]) if is_known else None,
        state=HookState(row["state"]),
        is_first=row["registered_at"] is None,
        secret=HookSecret(secrets.open(tenant.organization_id, secret).decode() if secret is not None else ""),
        access=vaults.access(
            tenant.organization_id, {**row, "sealed_token": row["tried_token"] or row["sealed_token"]}
        ),
        **{
            each: row[each]
            for each in ("connection_id", "hook_number", "webhook_url", "is_signed", "attempts", "refused_event")
        },
        wants_backfill=row["wants_backfill"],
        claimed_at=row["claimed_at"],
    )


async def registered(
    tenant: Tenant,
    of: Registration,
    place: HookPlace,
    hook_number: int,
    *,
    is_signed: bool,
    refused_event: int,
    test: str,
) -> None:
    """Record that the hook exists and the token works; both are checked again later."""
    await tenant.execute(_TAKE_OVER, of.connection_id)
    await tenant.execute(
        _REGISTERED, of.connection_id, place.number, hook_number, is_signed, refused_event, CHECK_INTERVAL, test
    )


async def checked(
    tenant: Tenant,
    of: Registration,
    hook_number: int,
    *,
    is_signed: bool,
    refused_event: int,
    mended: Sequence[str],
) -> None:
    """Record a check, and what it repaired."""
    names = ", ".join(mended) or None
    await tenant.execute(_CHECKED, of.connection_id, hook_number, is_signed, refused_event, names, CHECK_INTERVAL)


async def has_arrived(tenant: Tenant, of: Registration) -> bool:
    """Return whether a delivery arrived since the registration was claimed."""
    return bool(await tenant.fetchval(_ARRIVED, of.connection_id, of.claimed_at))


async def find_hook(tenant: Tenant, connection_id: UUID) -> tuple[HookScope, int | None, int] | None:
    """Return a connection's hook: scope, group or project, and number; None without one."""
    row = await tenant.fetchrow(_FIND, connection_id)
    return None if row is None else (HookScope(row["scope"]), row["target_number"], row["hook_number"])


async def look_soon(tenant: Tenant, connection_id: UUID) -> bool:
    """Make the hook due for a check; return False when none is registered."""
    return await tenant.fetchval(_LOOK_SOON, connection_id) is not None


async def defer(tenant: Tenant, of: Registration, until: datetime, failure: str) -> None:
    """Postpone, because the forge is unavailable or accepts no requests yet."""
    await QUEUE.defer(tenant, [(of.connection_id,)], until, failure, is_attempt=True)


async def not_renewed(tenant: Tenant, of: Registration, failure: str) -> None:
    """Record why the hook could not be checked; it stays recorded until the next check."""
    await tenant.execute(_NOT_RENEWED, of.connection_id, failure, CHECK_INTERVAL)


async def fail(tenant: Tenant, of: Registration, failure: str) -> None:
    """Record a failed registration: delete the connection and its secrets, keep the reason."""
    await tenant.execute(_FAIL, of.connection_id, failure)
    try:
        async with tenant.transaction():
            await tenant.execute(_FORGET_CONNECTION, of.connection_id)
    except asyncpg.ForeignKeyViolationError:
        # Rows that arrived or were fetched through it stay.
        await tenant.execute(_CLOSE_CONNECTION, of.connection_id)


async def removed(tenant: Tenant, of: Registration, failure: str | None) -> None:
    """Record that the hook is removed, or why the forge refused; secrets are deleted either way."""
    await tenant.execute(_REMOVED, of.connection_id, failure)
    await tenant.execute(_CLOSE_CONNECTION, of.connection_id)


async def begin_backfill(tenant: Tenant, of: Registration, found: Sequence[tuple[bytes, Listed]], names: Vault) -> None:
    """Start a backfill of the hook's projects."""
    if found:
        await fetch_repositories(tenant, of.connection_id, names, found)
