"""Asks GitLab to resend failed events within its rate limit, and to re-enable disabled hooks."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import msgspec

from schema.queue import Job
from vocabulary.hooks import HookScope
from workers.context import WorkerContext
from workers.forge_access.access import Access
from workers.forge_access.errors import RefusedError
from workers.forge_access.hooks import HookPlace
from workers.forge_access.sending_hooks import SendingHook
from workers.forges.gitlab.hook_events import (
    EventsNotOfferedError,
    FailedEvent,
    GitlabHookEvents,
    HookSwitchedOffError,
    ResendOutcome,
)
from workers.jobs.repairs.missing_deliveries import MAX_RESENDS, judge_attempts, record_resend
from workers.jobs.repairs.sending_hooks import HOOKS_LAST, find_hooks, forget_if_closed, raise_unless_closed
from workers.repair.deliveries import Attempt, Missed, due_for_resend, hook_of
from workers.repair.resends import LIMIT_SPAN, LISTED, choose, may_have_been_switched_off
from workers.stores.forge import missed_deliveries, registrations, repairs
from workers.stores.forge.repairs import Check, RepairKind

PAUSE = timedelta(minutes=15)

# Checks whose lists also contain what was never sent.
LISTS = (RepairKind.RELEASES, RepairKind.COMPARISON)

# Each failed resend brings GitLab closer to disabling the hook, so stop early while the cause persists.
FAILURES_IN_A_ROW = 2


async def repair_hook_events(context: WorkerContext, check: Check) -> tuple[str | None, timedelta]:
    """Check failed events once; return the cursor of each hook and the pause. Raises ForgeError."""
    if not isinstance(check.access, Access):
        return None, HOOKS_LAST
    client = context.forges.open_hook_events(check.access)
    hooks = await _hooks(context, check, client)
    read_to = msgspec.json.decode(check.cursor, type=dict[str, int]) if check.cursor else {}
    async with forget_if_closed(context, check):
        failed, read_to = await asyncio.to_thread(_failed, client, list(hooks.values()), read_to)
    missed = await _keep(context, check, failed)
    # Missing deliveries are stored by now, whether or not the hook can be re-enabled.
    await _ensure_enabled(context, check, client, hooks.values())
    is_left = await _resend(context, check, client, hooks, missed)
    return msgspec.json.encode(read_to).decode(), LIMIT_SPAN if is_left else PAUSE


async def _hooks(context: WorkerContext, check: Check, client: GitlabHookEvents) -> dict[str, SendingHook]:
    """Return the registered hook, or those created by hand; raises EventsNotOfferedError for a system hook."""
    async with context.database.organization(check.organization_id) as tenant:
        registered = await registrations.find_hook(tenant, check.subject_id)
    if registered is None:
        found, _ = await find_hooks(context, check, "gitlab", client.find)
        return found
    scope, target, number = registered
    if scope is HookScope.SYSTEM:
        raise EventsNotOfferedError
    return {str(number): SendingHook(str(number), f"{HookPlace(scope, target).path}/{number}")}


def _failed(
    client: GitlabHookEvents, hooks: Sequence[SendingHook], read_to: Mapping[str, int]
) -> tuple[dict[str, FailedEvent], dict[str, int]]:
    """Return new failed events by reference (newest attempt each) and the cursors; raises when all are closed."""
    found: dict[str, FailedEvent] = {}
    newest: dict[str, int] = {}
    refusal = None
    for hook in hooks:
        try:
            events, newest[hook.hook] = client.failed(hook, read_to.get(hook.hook, 0))
        except RefusedError as error:
            raise_unless_closed(error)
            refusal = error
            continue
        for event in sorted(events):
            found[f"{hook.hook}/{event.key}"] = event
    if refusal and not newest:
        raise refusal
    return found, newest


async def _keep(context: WorkerContext, check: Check, failed: Mapping[str, FailedEvent]) -> list[Missed]:
    """Store and return what is missing. An event that arrived by any attempt is not missing, whatever GitLab says."""
    organization_id, subject_id = check.organization_id, check.subject_id
    now = context.forges.clock.now()
    async with context.database.organization(organization_id) as tenant:
        known = await missed_deliveries.load_missed(tenant, subject_id)
        keys = {reference.partition("/")[2] for reference in (*failed, *known)}
        arrived = await missed_deliveries.find_arrived(tenant, subject_id, sorted(keys))

    def attempt(reference: str, number: int) -> Attempt:
        has_arrived = reference.partition("/")[2] in arrived
        return Attempt(reference, number, now, is_redelivery=False, has_succeeded=has_arrived)

    numbers = {reference: each.number for reported in (known, failed) for reference, each in reported.items()}
    attempts = [attempt(reference, number) for reference, number in numbers.items()]
    missed, judged, found = await judge_attempts(context, check, attempts, None)
    if found and may_have_been_switched_off(judged.missing, known.keys()):
        async with context.database.organization(organization_id) as tenant:
            await repairs.look_soon(tenant, subject_id, LISTS)
    return missed


async def _ensure_enabled(
    context: WorkerContext, check: Check, client: GitlabHookEvents, hooks: Collection[SendingHook]
) -> None:
    """Ensure that GitLab calls the hooks; raises HookSwitchedOffError when a hook stays disabled after a test."""
    for hook in hooks:
        try:
            if await asyncio.to_thread(client.is_enabled, hook):
                continue
        except RefusedError as error:
            raise_unless_closed(error)
            continue
        async with context.database.organization(check.organization_id) as tenant:
            is_registered = await registrations.look_soon(tenant, check.subject_id)
        if is_registered:
            # The job that registers hooks tests this one and counts the repair.
            await context.queue.wake(Job.REGISTER_HOOKS, check.organization_id)
            raise HookSwitchedOffError
        if not await asyncio.to_thread(client.enable, hook):
            raise HookSwitchedOffError
        async with context.database.organization(check.organization_id) as tenant:
            await repairs.count_repaired_hook(tenant, check.subject_id)
            await repairs.look_soon(tenant, check.subject_id, LISTS)


async def _resend(
    context: WorkerContext,
    check: Check,
    client: GitlabHookEvents,
    hooks: Mapping[str, SendingHook],
    missed: Sequence[Missed],
) -> bool:
    """Request resends within the rate limit; return whether more are left for later."""
    organization_id, subject_id = check.organization_id, check.subject_id
    now = context.forges.clock.now()
    due = due_for_resend(missed, now, LISTED, hooks.keys())
    limit = context.settings.gitlab_resends_a_minute
    async with context.database.organization(organization_id) as tenant:
        requested = await missed_deliveries.load_requests(tenant, subject_id, now - LIMIT_SPAN)
    owners = {name: each.owner for name, each in hooks.items()}
    chosen = choose(due, owners, requested, now, limit)
    failures = 0
    for each in chosen.now[:MAX_RESENDS]:
        outcome = await asyncio.to_thread(client.resend, hooks[hook_of(each.reference)], each.number)
        has_arrived = outcome is ResendOutcome.ARRIVED
        await record_resend(context, check, each, is_taken=outcome is not ResendOutcome.GONE, has_arrived=has_arrived)
        failures = failures + 1 if outcome is ResendOutcome.FAILED else 0
        if failures == FAILURES_IN_A_ROW:
            return False
    return chosen.is_limited or len(chosen.now) > MAX_RESENDS
