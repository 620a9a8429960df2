"""Finds the hooks at a forge that send to a connection, stores them, and looks again each day."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from key_services.configured import ring_of
from schema.encryption import Vault
from schema.failures import Failure
from schema.webhook_paths import webhook_path
from workers.context import WorkerContext
from workers.forge_access.errors import ForgeError, RefusedError
from workers.forge_access.sending_hooks import SendingHook
from workers.stores.forge import repairs
from workers.stores.forge.repairs import Check

# After this, hooks are looked up again, because others may have been created.
HOOKS_LAST = timedelta(days=1)

# Statuses for a hook that the token can no longer reach, while other repositories or groups may be open.
CLOSED = {403, 404}


class HookNotFoundError(ForgeError):
    """No hook that the token can administer sends to the connection."""

    failure = Failure.HOOK_NOT_FOUND


async def find_hooks(
    context: WorkerContext, check: Check, forge: str, find: Callable[[str], list[SendingHook]]
) -> tuple[dict[str, SendingHook], bool]:
    """Return the hooks by the id that deliveries name, and whether any of them is new.

    `find` fetches the hooks that send to a path. Raises HookNotFoundError and what `find` raises.
    """
    vault = _vault(context)
    known = repairs.open_places(vault, check)
    is_fresh = check.placed_at is not None and check.placed_at + HOOKS_LAST > datetime.now(UTC)
    if known and is_fresh and check.requested_at is None:
        return {each.hook: each for each in known}, False
    found = await asyncio.to_thread(find, webhook_path(forge, check.organization_id, check.subject_id))
    if not found:
        raise HookNotFoundError("no hook sends here")
    await keep_hooks(context, check, found)
    return {each.hook: each for each in found}, not set(found) <= set(known)


async def keep_hooks(context: WorkerContext, check: Check, hooks: Collection[SendingHook]) -> None:
    """Store these hooks. A hook that is left out counts as new when it is found again, and is read from the start."""
    async with context.database.organization(check.organization_id) as tenant:
        await repairs.keep_places(tenant, _vault(context), check, hooks)


@asynccontextmanager
async def forget_if_closed(context: WorkerContext, check: Check) -> AsyncIterator[None]:
    """Forget the stored hooks, so that the next check looks them up, when all of them are closed to the token."""
    try:
        yield
    except RefusedError as error:
        if error.status in CLOSED:
            await keep_hooks(context, check, [])
        raise


def raise_unless_closed(error: RefusedError) -> None:
    """Ignore one hook that is closed to the token; raises the error when the token itself is refused."""
    if error.status not in CLOSED:
        raise error


def _vault(context: WorkerContext) -> Vault:
    return Vault(ring_of(context.settings), "repair-places")
