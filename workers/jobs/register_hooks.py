"""Registers webhooks at GitLab, checks them every hour and repairs changes, and removes them on request."""

import asyncio
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from key_services.configured import ring_of
from schema.encryption import Vault
from schema.failures import Failure
from schema.kinds import HookState, TestDelivery
from schema.queue import Job
from workers.context import WorkerContext
from workers.forge_access.errors import ForgeError, ForgeUnavailableError, TryLaterError
from workers.forge_access.hooks import HookPlace
from workers.forge_access.listed import Listed
from workers.forge_events.reading import whole
from workers.forges.gitlab.hook_drift import SIGNED, UNSIGNED, drift, find_hook, is_switched_off
from workers.forges.gitlab.hook_refusals import hook_failure
from workers.forges.gitlab.hooks import GitlabHooks
from workers.stores.forge import registrations, repairs
from workers.stores.forge.accesses import AccessVaults
from workers.stores.forge.registrations import Registration
from workers.stores.forge.repairs import RepairKind

logger = structlog.get_logger()

# A user waits for the first registration, so a wrong address must show soon.
MOST_ATTEMPTS = 3

MISSING, SWITCHED_OFF = "missing", "switched_off"

HOOK_REPAIRS = Counter("shipledger_hook_repairs", "Changed webhooks repaired at the forge", ["forge"])


class Made(NamedTuple):
    """A hook at the forge; `test` is None while the test delivery is still under way."""

    place: HookPlace
    number: int
    is_signed: bool
    refused_event: int
    test: TestDelivery | None
    projects: list[Listed]


class Seen(NamedTuple):
    """A hook after a check, and what was repaired."""

    number: int
    is_signed: bool
    refused_event: int
    mended: list[str]


async def register_hooks(context: WorkerContext, organization_id: int) -> None:
    """Process due registrations. The sweep finds what GitLab postpones."""
    await context.queue.begun(Job.REGISTER_HOOKS, organization_id)
    ring = ring_of(context.settings)
    vaults, secrets, names = AccessVaults(ring), Vault(ring, "secret"), Vault(ring, "repository-name")
    while True:
        async with context.database.organization(organization_id) as tenant:
            due = await registrations.claim(tenant, vaults, secrets, names)
        if due is None:
            return
        if due.access is None:
            await _refuse(context, due, Failure.HOOK_NEEDS_TOKEN)
            continue
        try:
            await _process(context, due, context.forges.open_hooks(due.access), names)
        except TryLaterError as error:
            await _put_off(context, due, error)
        except ForgeError as error:
            await _refuse(context, due, error.stored(hook_failure(error, due.scope)))


async def _process(context: WorkerContext, due: Registration, client: GitlabHooks, names: Vault) -> None:
    match due.state:
        case HookState.REMOVING:
            await asyncio.to_thread(remove, client, due)
            async with context.database.organization(due.organization_id) as tenant:
                await registrations.removed(tenant, due, None)
        case HookState.REGISTERED:
            seen = await asyncio.to_thread(check, client, due)
            await _record_check(context, due, seen)
        case _:
            made = await asyncio.to_thread(register, client, due)
            await _record_registration(context, due, made, names)


def register(client: GitlabHooks, due: Registration) -> Made:
    """Create the hook or update the existing one, and request a test delivery."""
    client.check_forge()
    place = client.find_place(due.scope, due.path)
    found = find_hook(client.hooks(place), due.webhook_url, due.hook_number)
    number = whole(found, "id") if found is not None else None
    projects = client.projects(place) if due.wants_backfill else []
    if number is None:
        number, is_signed = client.create(place, due.webhook_url, due.secret)
    else:
        number, is_signed = client.update(place, number, due.webhook_url, due.secret)
    refused = client.refused_event(place, number)
    return Made(place, number, is_signed, refused, client.test(place, number), projects)


def check(client: GitlabHooks, due: Registration) -> Seen:
    """Check the hook, and repair it if it is missing or changed."""
    place, number = due.place, due.hook_number
    assert place is not None, "the hook is registered"
    assert number is not None, "the hook is registered"
    found = find_hook(client.hooks(place), due.webhook_url, number)
    number = whole(found, "id") if found is not None else None
    if found is None or number is None:
        number, is_signed = client.create(place, due.webhook_url, due.secret)
        return Seen(number, is_signed, client.refused_event(place, number), [MISSING])
    differing = drift(found, due.scope, due.webhook_url, is_signed=due.is_signed)
    # GitLab never shows a secret, so a changed one only shows in events that we refused since.
    refused = client.refused_event(place, number)
    secret = SIGNED if due.is_signed else UNSIGNED
    if refused > due.refused_event and secret not in differing:
        differing.append(secret)
    is_signed = due.is_signed
    if differing:
        number, is_signed = client.update(place, number, due.webhook_url, due.secret)
    if is_switched_off(found) and enable(client, place, number):
        differing.append(SWITCHED_OFF)
    return Seen(number, is_signed, refused, sorted(differing))


def enable(client: GitlabHooks, place: HookPlace, number: int) -> bool:
    """Request a test delivery, which re-enables a hook when it arrives; return whether it did."""
    client.test(place, number)
    found = find_hook(client.hooks(place), "", number)
    return found is not None and not is_switched_off(found)


def remove(client: GitlabHooks, due: Registration) -> None:
    """Delete the hook at the forge if it was created."""
    if due.place is not None and due.hook_number is not None:
        client.remove(due.place, due.hook_number)


async def _record_registration(context: WorkerContext, due: Registration, made: Made, names: Vault) -> None:
    """Record the registered hook and start the requested backfill."""
    assert due.access is not None, "the hook was registered with access"
    hasher = await context.organization_keys.hasher(due.organization_id)
    found = [(hasher.repository_by_id(due.access.host, each.forge_id), each) for each in made.projects]
    async with context.database.organization(due.organization_id) as tenant:
        test = made.test
        if test is None:
            has_arrived = await registrations.has_arrived(tenant, due)
            test = TestDelivery.ARRIVED if has_arrived else TestDelivery.LOST
        await registrations.registered(
            tenant,
            due,
            made.place,
            made.number,
            is_signed=made.is_signed,
            refused_event=made.refused_event,
            test=test,
        )
        await registrations.begin_backfill(tenant, due, found, names)
    logger.info("hook_registered", connection_id=str(due.connection_id), scope=due.scope.value, test=test.value)
    if found:
        await context.queue.wake(Job.BACKFILL, due.organization_id)


async def _record_check(context: WorkerContext, due: Registration, seen: Seen) -> None:
    if seen.mended:
        HOOK_REPAIRS.labels("gitlab").inc()
        logger.warning("hook_repaired", connection_id=str(due.connection_id), mended=seen.mended)
    async with context.database.organization(due.organization_id) as tenant:
        await registrations.checked(
            tenant,
            due,
            seen.number,
            is_signed=seen.is_signed,
            refused_event=seen.refused_event,
            mended=seen.mended,
        )
        if seen.mended:
            await repairs.count_repaired_hook(tenant, due.connection_id)
            # No list shows what was not sent in the meantime.
            await repairs.look_soon(tenant, due.connection_id, RepairKind)


async def _put_off(context: WorkerContext, due: Registration, error: TryLaterError) -> None:
    """Defer until the forge allows it; a first registration fails after a few attempts at an unreachable forge."""
    is_unavailable = isinstance(error, ForgeUnavailableError)
    if is_unavailable and due.state is not HookState.REGISTERED and due.attempts + 1 >= MOST_ATTEMPTS:
        await _refuse(context, due, error.stored())
        return
    async with context.database.organization(due.organization_id) as tenant:
        await registrations.defer(tenant, due, error.at, error.stored())


async def _refuse(context: WorkerContext, due: Registration, failure: str) -> None:
    """Record a refusal: a first registration keeps only the reason, an existing hook stays recorded."""
    logger.warning("hook_request_refused", connection_id=str(due.connection_id), state=due.state.value)
    async with context.database.organization(due.organization_id) as tenant:
        if due.state is HookState.REMOVING:
            await registrations.removed(tenant, due, failure)
        elif due.state is HookState.WAITING and due.is_first:
            await registrations.fail(tenant, due, failure)
        else:
            await registrations.not_renewed(tenant, due, failure)
