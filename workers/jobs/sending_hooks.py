"""Which hooks at a forge send to a connection: looked for by its address, remembered, and looked for anew each day."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from schema.encryption import Vault
from schema.failures import Failure
from schema.webhook_paths import webhook_path
from workers.context import WorkerContext
from workers.forges.errors import ForgeError, RefusedError
from workers.forges.sending_hooks import SendingHook
from workers.stores.forge import repairs
from workers.stores.forge.repairs import Check

# Hooks are looked for anew, since others may have been made.
HOOKS_LAST = timedelta(days=1)

# What is no longer the token's: one repository or group of several, or none of them.
CLOSED = {403, 404}


class HookNotFoundError(ForgeError):
    """None of the hooks that the token administers sends to the connection."""

    failure = Failure.HOOK_NOT_FOUND


async def find_hooks(
    context: WorkerContext, check: Check, forge: str, find: Callable[[str], list[SendingHook]]
) -> tuple[dict[str, SendingHook], bool]:
    """The hooks by how deliveries name them, and whether there are any that were not known before.

    `find` asks the forge for those that send to a path. Raises HookNotFoundError, and what `find` does.
    """
    vault = _vault(context)
    known = [SendingHook(*each) for each in repairs.open_places(vault, check)]
    is_fresh = check.placed_at is not None and check.placed_at + HOOKS_LAST > datetime.now(UTC)
    if known and is_fresh and check.requested_at is None:
        return {each.hook: each for each in known}, False
    found = await asyncio.to_thread(find, webhook_path(forge, check.organization_id, check.subject_id))
    if not found:
        raise HookNotFoundError("no hook sends here")
    await keep_hooks(context, check, found)
    return {each.hook: each for each in found}, not set(found) <= set(known)


async def keep_hooks(context: WorkerContext, check: Check, hooks: Collection[SendingHook]) -> None:
    """Remember these; one that is left out is new when it is found again, and is read from its beginning then."""
    async with context.database.organization(check.organization_id) as tenant:
        await repairs.keep_places(tenant, _vault(context), check, [(each.hook, each.path) for each in hooks])


@asynccontextmanager
async def forgetting_closed(context: WorkerContext, check: Check) -> AsyncIterator[None]:
    """Look for hooks anew next time when none of those that are known is open to the token any more."""
    try:
        yield
    except RefusedError as error:
        if error.status in CLOSED:
            await keep_hooks(context, check, [])
        raise


def unless_closed(error: RefusedError) -> None:
    """Go on with the other hooks when one is closed to the token; raises the error when the token itself is refused."""
    if error.status not in CLOSED:
        raise error


def _vault(context: WorkerContext) -> Vault:
    return Vault(context.settings.secret_key.get_secret_value(), "repair-places")
