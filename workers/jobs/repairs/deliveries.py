"""Asks GitHub to resend failed deliveries of a connection's hooks or of an App."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from workers.context import WorkerContext
from workers.forge_access.access import Access, AppAccess
from workers.forge_access.errors import RefusedError
from workers.forge_access.sending_hooks import APP_HOOK, SendingHook
from workers.forges.github.hooks import GithubHooks
from workers.jobs.repairs.missing_deliveries import MAX_RESENDS, judge_attempts, record_resend
from workers.jobs.repairs.sending_hooks import HOOKS_LAST, find_hooks, forget_if_closed, keep_hooks, raise_unless_closed
from workers.repair.deliveries import (
    OVERLAP,
    REDELIVERABLE,
    REDELIVERABLE_BY_SERVER,
    Attempt,
    Missed,
    due_for_resend,
    hook_of,
)
from workers.stores.forge.repairs import Check

PAUSE = timedelta(minutes=15)
# GitHub retries a resend request within moments.
PAUSE_AFTER_REQUEST = timedelta(seconds=15)


async def repair_deliveries(context: WorkerContext, check: Check) -> tuple[str | None, timedelta]:
    """Check failed deliveries once; return the new cursor and the pause. Raises ForgeError."""
    if check.access is None:
        return None, HOOKS_LAST
    client = context.forges.open_github_hooks(check.access)
    hooks, is_new = await _hooks(context, check, client)
    now = context.forges.clock.now()
    lifetime = _lifetime(check.access)
    read_to = datetime.fromisoformat(check.cursor) if check.cursor and not is_new else None
    since = max(now - lifetime, read_to - OVERLAP) if read_to else now - lifetime
    async with forget_if_closed(context, check):
        attempts, closed = await asyncio.to_thread(_attempts, client, hooks.values(), since)
    if closed:
        hooks = {name: each for name, each in hooks.items() if name not in closed}
        await keep_hooks(context, check, hooks.values())
    missed, judged, _ = await judge_attempts(context, check, attempts, read_to)
    due = list(islice(due_for_resend(missed, now, lifetime, hooks.keys()), MAX_RESENDS))
    has_resent = await _resend(context, check, client, hooks, due)
    pause = timedelta() if len(due) == MAX_RESENDS else PAUSE_AFTER_REQUEST if has_resent else PAUSE
    return judged.read_to.isoformat() if judged.read_to else None, pause


def _attempts(
    client: GithubHooks, hooks: Collection[SendingHook], since: datetime
) -> tuple[list[Attempt], Collection[str]]:
    """Return the hooks' attempts since an instant, and the hooks now closed to the token; raises when all are."""
    found: list[Attempt] = []
    closed = set()
    for each in hooks:
        try:
            found += client.attempts(each, since)
        except RefusedError as error:
            raise_unless_closed(error)
            closed.add(each.hook)
            if len(closed) == len(hooks):
                raise
    return found, closed


async def _hooks(context: WorkerContext, check: Check, client: GithubHooks) -> tuple[dict[str, SendingHook], bool]:
    if isinstance(check.access, AppAccess):
        return {APP_HOOK.hook: APP_HOOK}, False
    return await find_hooks(context, check, "github", client.find)


async def _resend(
    context: WorkerContext, check: Check, client: GithubHooks, hooks: Mapping[str, SendingHook], due: Sequence[Missed]
) -> bool:
    """Request each resend; return whether any was accepted. Raises RefusedError when the token may resend none."""
    is_any, refusals = False, []
    for each in due:
        is_taken = False
        try:
            is_taken = await asyncio.to_thread(client.redeliver, hooks[hook_of(each.reference)], each.number)
        except RefusedError as error:
            raise_unless_closed(error)
            refusals.append(error)
        await record_resend(context, check, each, is_taken=is_taken, has_arrived=False)
        is_any = is_any or is_taken
    if refusals and len(refusals) == len(due):
        raise refusals[-1]
    return is_any


def _lifetime(access: Access | AppAccess) -> timedelta:
    """Return how long the forge can resend: an Enterprise Server longer than GitHub itself."""
    host = access.base_url.partition("://")[2].partition("/")[0]
    is_cloud = host == "github.com" or host.endswith(".ghe.com")
    return REDELIVERABLE if is_cloud else REDELIVERABLE_BY_SERVER
