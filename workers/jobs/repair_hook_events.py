"""Asks GitLab to send again what its webhooks could not deliver, within its limit, and to call them again."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import msgspec

from schema.hooks import HookScope
from schema.kinds import RepairKind
from schema.queue import Job
from workers.context import WorkerContext
from workers.forges.clients import Access
from workers.forges.errors import RefusedError
from workers.forges.gitlab.hook_events import (
    EventsNotOfferedError,
    FailedEvent,
    GitlabHookEvents,
    HookSwitchedOffError,
    Resent,
)
from workers.forges.gitlab.hooks import HookPlace
from workers.forges.sending_hooks import SendingHook
from workers.jobs.missing_deliveries import MOST_ASKED, judge_attempts, note_asked
from workers.jobs.sending_hooks import HOOKS_LAST, find_hooks, forgetting_closed, unless_closed
from workers.repair.deliveries import Attempt, Missed, hook_of, to_ask_for
from workers.repair.resends import LIMIT_SPAN, LISTED, choose, may_have_been_switched_off
from workers.stores.forge import missed_deliveries, registrations, repairs
from workers.stores.forge.repairs import Check

PAUSE = timedelta(minutes=15)

# Hold what was never sent, too.
LISTS = (RepairKind.RELEASES, RepairKind.COMPARISON)

# Each that fails brings GitLab closer to switching the hook off; the cause is not gone yet.
FAILURES_IN_A_ROW = 2


async def repair_hook_events(context: WorkerContext, check: Check) -> tuple[str | None, timedelta]:
    """One look at what failed; how far it was read of each hook, and when to look again. Raises ForgeError."""
    if not isinstance(check.access, Access):
        return None, HOOKS_LAST
    client = context.forges.open_hook_events(check.access)
    hooks = await _hooks(context, check, client)
    read_to = msgspec.json.decode(check.cursor, type=dict[str, int]) if check.cursor else {}
    async with forgetting_closed(context, check):
        failed, read_to = await asyncio.to_thread(_failed, client, list(hooks.values()), read_to)
    missed = await _keep(context, check, failed)
    # What was found is kept by now, whether or not the hook can be called.
    await _have_called(context, check, client, hooks.values())
    is_left = await _ask_again(context, check, client, hooks, missed)
    return msgspec.json.encode(read_to).decode(), LIMIT_SPAN if is_left else PAUSE


async def _hooks(context: WorkerContext, check: Check, client: GitlabHookEvents) -> dict[str, SendingHook]:
    """The hook that was registered, or those that were made by hand; raises EventsNotOfferedError for an instance's."""
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
    """What failed since it was read last, by reference, the newest attempt of each; raises when all are closed."""
    found: dict[str, FailedEvent] = {}
    newest: dict[str, int] = {}
    refusal = None
    for hook in hooks:
        try:
            events, newest[hook.hook] = client.failed(hook, read_to.get(hook.hook, 0))
        except RefusedError as error:
            unless_closed(error)
            refusal = error
            continue
        for event in sorted(events):
            found[f"{hook.hook}/{event.key}"] = event
    if refusal and not newest:
        raise refusal
    return found, newest


async def _keep(context: WorkerContext, check: Check, failed: Mapping[str, FailedEvent]) -> list[Missed]:
    """All that is missing now. What arrived here, by whichever attempt, is missing no more, whatever GitLab says."""
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


async def _have_called(
    context: WorkerContext, check: Check, client: GitlabHookEvents, hooks: Collection[SendingHook]
) -> None:
    """See that GitLab calls the hooks; raises HookSwitchedOffError when it does not, and a test shows why."""
    for hook in hooks:
        try:
            if await asyncio.to_thread(client.is_called, hook):
                continue
        except RefusedError as error:
            unless_closed(error)
            continue
        async with context.database.organization(check.organization_id) as tenant:
            is_registered = await registrations.look_soon(tenant, check.subject_id)
        if is_registered:
            # Whoever looks after the hook tests it, and counts that.
            await context.queue.wake(Job.REGISTER_HOOKS, check.organization_id)
            raise HookSwitchedOffError
        if not await asyncio.to_thread(client.switch_on, hook):
            raise HookSwitchedOffError
        async with context.database.organization(check.organization_id) as tenant:
            await repairs.count_mended_hook(tenant, check.subject_id)
            await repairs.look_soon(tenant, check.subject_id, LISTS)


async def _ask_again(
    context: WorkerContext,
    check: Check,
    client: GitlabHookEvents,
    hooks: Mapping[str, SendingHook],
    missed: Sequence[Missed],
) -> bool:
    """Ask for as many as the limit lets; whether others are left for when it lets more."""
    organization_id, subject_id = check.organization_id, check.subject_id
    now = context.forges.clock.now()
    due = to_ask_for(missed, now, LISTED, hooks.keys())
    limit = context.settings.gitlab_resends_a_minute
    async with context.database.organization(organization_id) as tenant:
        asked = await missed_deliveries.load_asked(tenant, subject_id, now - LIMIT_SPAN)
    owners = {name: each.owner for name, each in hooks.items()}
    chosen = choose(due, owners, asked, now, limit)
    failures = 0
    for each in chosen.now[:MOST_ASKED]:
        became = await asyncio.to_thread(client.send_again, hooks[hook_of(each.reference)], each.number)
        has_arrived = became is Resent.ARRIVED
        await note_asked(context, check, each, is_taken=became is not Resent.GONE, has_arrived=has_arrived)
        failures = failures + 1 if became is Resent.FAILED else 0
        if failures == FAILURES_IN_A_ROW:
            return False
    return chosen.is_limited or len(chosen.now) > MOST_ASKED
