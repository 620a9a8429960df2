"""Asks GitHub to send again what it could not deliver: of the hooks that send to a connection, or of an App."""

import asyncio
from datetime import UTC, datetime, timedelta

from schema.encryption import Vault
from schema.webhook_paths import webhook_path
from workers.context import WorkerContext
from workers.forges.clients import Access, AppAccess
from workers.forges.errors import ForgeError
from workers.forges.github_hooks import APP_HOOK, GithubHooks, HookPlace
from workers.repair.deliveries import (
    OVERLAP,
    REDELIVERABLE,
    REDELIVERABLE_BY_SERVER,
    Attempt,
    Missed,
    hook_of,
    judge,
    to_ask_for,
)
from workers.stores import missed_deliveries, repairs
from workers.stores.repairs import Check

PAUSE = timedelta(minutes=15)
# What was asked for again is tried within moments.
PAUSE_AFTER_ASKING = timedelta(seconds=15)

# Hooks are looked for anew, since others may have been made.
PLACES_LAST = timedelta(days=1)


class HookNotFoundError(ForgeError):
    """None of the hooks that the token administers sends to the connection."""


async def repair_deliveries(context: WorkerContext, check: Check) -> tuple[str | None, timedelta]:
    """One look at what failed; how far it was read, and when to look again. Raises ForgeError."""
    if check.access is None:
        return None, PLACES_LAST
    client = context.forges.open_github_hooks(check.access)
    places, is_new = await _places(context, check, client)
    now = context.forges.clock.now()
    lifetime = _lifetime(check.access)
    read_to = datetime.fromisoformat(check.cursor) if check.cursor and not is_new else None
    since = max(now - lifetime, read_to - OVERLAP) if read_to else now - lifetime
    attempts = await asyncio.to_thread(_attempts, client, list(places.values()), since)
    missed, read_to = await _judge(context, check, attempts, read_to)
    asked = 0
    for each in to_ask_for(missed, now, lifetime, places.keys()):
        asked += await _ask_again(context, check, client, places[hook_of(each.reference)], each)
    return read_to.isoformat() if read_to else None, PAUSE_AFTER_ASKING if asked else PAUSE


def _attempts(client: GithubHooks, places: list[HookPlace], since: datetime) -> list[Attempt]:
    return [attempt for place in places for attempt in client.attempts(place, since)]


async def _places(context: WorkerContext, check: Check, client: GithubHooks) -> tuple[dict[str, HookPlace], bool]:
    """The hooks, and whether there are any that were not known before."""
    if isinstance(check.access, AppAccess):
        return {APP_HOOK.hook: APP_HOOK}, False
    vault = Vault(context.settings.secret_key.get_secret_value(), "repair-places")
    known = [HookPlace(*each) for each in repairs.open_places(vault, check)]
    is_fresh = check.placed_at is not None and check.placed_at + PLACES_LAST > datetime.now(UTC)
    if known and is_fresh and check.asked_at is None:
        return {each.hook: each for each in known}, False
    path = webhook_path("github", check.organization_id, check.subject_id)
    found = await asyncio.to_thread(client.find, path)
    if not found:
        raise HookNotFoundError("no hook sends here")
    async with context.database.organization(check.organization_id) as connection:
        await repairs.keep_places(connection, vault, check, [(each.hook, each.path) for each in found])
    return {each.hook: each for each in found}, not set(found) <= set(known)


async def _judge(
    context: WorkerContext, check: Check, attempts: list[Attempt], read_to: datetime | None
) -> tuple[list[Missed], datetime | None]:
    """Keep what is missing and note what arrived; all that is missing now."""
    subject = (check.organization_id, check.subject_id)
    async with context.database.organization(check.organization_id) as connection:
        known = await missed_deliveries.load_missed(connection, *subject)
        judged = judge(attempts, known, read_to)
        found = await missed_deliveries.keep_missed(connection, *subject, judged.missing)
        recovered = await missed_deliveries.note_arrived(connection, *subject, judged.arrived)
        await repairs.count(connection, check, found=found, recovered=recovered)
        missed = await missed_deliveries.load_missed(connection, *subject)
    return list(missed.values()), judged.read_to


async def _ask_again(
    context: WorkerContext, check: Check, client: GithubHooks, place: HookPlace, missed: Missed
) -> int:
    """Ask, and note it at once, so that a worker that is killed asks for few of them twice."""
    is_asked = await asyncio.to_thread(client.ask_again, place, missed.number)
    async with context.database.organization(check.organization_id) as connection:
        await missed_deliveries.note_asked(connection, check.organization_id, check.subject_id, missed.reference)
        await repairs.count(connection, check, asked_again=int(is_asked))
    return int(is_asked)


def _lifetime(access: Access | AppAccess) -> timedelta:
    """For how long the forge sends again: an Enterprise Server longer than GitHub itself."""
    host = access.base_url.partition("://")[2].partition("/")[0]
    is_cloud = host == "github.com" or host.endswith(".ghe.com")
    return REDELIVERABLE if is_cloud else REDELIVERABLE_BY_SERVER
