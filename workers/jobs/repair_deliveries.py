"""Asks GitHub to send again what it could not deliver: of the hooks that send to a connection, or of an App."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from workers.context import WorkerContext
from workers.forges.clients import Access, AppAccess
from workers.forges.errors import RefusedError
from workers.forges.github.hooks import GithubHooks
from workers.forges.sending_hooks import APP_HOOK, SendingHook
from workers.jobs.missing_deliveries import MOST_ASKED, judge_attempts, note_asked
from workers.jobs.sending_hooks import HOOKS_LAST, find_hooks, forgetting_closed, keep_hooks, unless_closed
from workers.repair.deliveries import (
    OVERLAP,
    REDELIVERABLE,
    REDELIVERABLE_BY_SERVER,
    Attempt,
    Missed,
    hook_of,
    to_ask_for,
)
from workers.stores.forge.repairs import Check

PAUSE = timedelta(minutes=15)
# What was asked for again is tried within moments.
PAUSE_AFTER_REQUEST = timedelta(seconds=15)


async def repair_deliveries(context: WorkerContext, check: Check) -> tuple[str | None, timedelta]:
    """One look at what failed; how far it was read, and when to look again. Raises ForgeError."""
    if check.access is None:
        return None, HOOKS_LAST
    client = context.forges.open_github_hooks(check.access)
    hooks, is_new = await _hooks(context, check, client)
    now = context.forges.clock.now()
    lifetime = _lifetime(check.access)
    read_to = datetime.fromisoformat(check.cursor) if check.cursor and not is_new else None
    since = max(now - lifetime, read_to - OVERLAP) if read_to else now - lifetime
    async with forgetting_closed(context, check):
        attempts, closed = await asyncio.to_thread(_attempts, client, hooks.values(), since)
    if closed:
        hooks = {name: each for name, each in hooks.items() if name not in closed}
        await keep_hooks(context, check, hooks.values())
    missed, judged, _ = await judge_attempts(context, check, attempts, read_to)
    due = list(islice(to_ask_for(missed, now, lifetime, hooks.keys()), MOST_ASKED))
    is_asked = await _ask_again(context, check, client, hooks, due)
    pause = timedelta() if len(due) == MOST_ASKED else PAUSE_AFTER_REQUEST if is_asked else PAUSE
    return judged.read_to.isoformat() if judged.read_to else None, pause


def _attempts(
    client: GithubHooks, hooks: Collection[SendingHook], since: datetime
) -> tuple[list[Attempt], Collection[str]]:
    """What hooks tried since an instant, and which of them are closed to the token now; raises when all are."""
    found: list[Attempt] = []
    closed = set()
    for each in hooks:
        try:
            found += client.attempts(each, since)
        except RefusedError as error:
            unless_closed(error)
            closed.add(each.hook)
            if len(closed) == len(hooks):
                raise
    return found, closed


async def _hooks(context: WorkerContext, check: Check, client: GithubHooks) -> tuple[dict[str, SendingHook], bool]:
    if isinstance(check.access, AppAccess):
        return {APP_HOOK.hook: APP_HOOK}, False
    return await find_hooks(context, check, "github", client.find)


async def _ask_again(
    context: WorkerContext, check: Check, client: GithubHooks, hooks: Mapping[str, SendingHook], due: Sequence[Missed]
) -> bool:
    """Ask for each; whether any was taken. Raises RefusedError when the token may ask for none of them."""
    is_any, refusals = False, []
    for each in due:
        is_taken = False
        try:
            is_taken = await asyncio.to_thread(client.ask_again, hooks[hook_of(each.reference)], each.number)
        except RefusedError as error:
            unless_closed(error)
            refusals.append(error)
        await note_asked(context, check, each, is_taken=is_taken, has_arrived=False)
        is_any = is_any or is_taken
    if refusals and len(refusals) == len(due):
        raise refusals[-1]
    return is_any


def _lifetime(access: Access | AppAccess) -> timedelta:
    """For how long the forge sends again: an Enterprise Server longer than GitHub itself."""
    host = access.base_url.partition("://")[2].partition("/")[0]
    is_cloud = host == "github.com" or host.endswith(".ghe.com")
    return REDELIVERABLE if is_cloud else REDELIVERABLE_BY_SERVER
