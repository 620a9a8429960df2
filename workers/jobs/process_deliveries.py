"""Turns waiting deliveries of one organization into pull requests, activity, releases and aliases."""

from typing import NamedTuple

import msgspec
import structlog

from schema.database import UNREACHABLE, Connection
from schema.encryption import Vault
from schema.identifiers import Hasher
from schema.outcomes import derive
from schema.queue import Job
from workers.context import WorkerContext
from workers.forge_events.facts import (
    Facts,
    Ignored,
    InstallationFacts,
    InstallationRepositoriesFacts,
    NamingFacts,
    PullRequestFacts,
    PushFacts,
    QueueFacts,
    ReleaseFacts,
)
from workers.forge_events.parse import parse
from workers.forge_events.reading import Envelope
from workers.stores import deliveries
from workers.stores.branches import EVER, Branch, assign_commits, store_push
from workers.stores.deliveries import ClaimedDelivery
from workers.stores.installation_facts import store_installation, store_installation_repositories
from workers.stores.pull_requests import store_pull_request, store_queued
from workers.stores.releases import store_release
from workers.stores.repositories import ForgeScope, store_naming
from workers.stores.touched import Touched, mark_touched

logger = structlog.get_logger()

BATCH = 100
# Events about an App's installation, which may begin a backfill.
INSTALLATION = "installation"
BODY_FORGOTTEN = "the body was already forgotten"


class Vaults(NamedTuple):
    """What delivery bodies are sealed in, and names of repositories that are still to be fetched."""

    bodies: Vault
    names: Vault


async def process_deliveries(context: WorkerContext, organization_id: int) -> None:
    """Work through every delivery that is due, batch by batch; safe to run twice, late, or beside itself."""
    await context.queue.begun(Job.PROCESS_DELIVERIES, organization_id)
    hasher = await context.organization_keys.hasher(organization_id)
    secret = context.settings.secret_key.get_secret_value()
    vaults = Vaults(Vault(secret, "body"), Vault(secret, "repository-name"))
    while await _process_batch(context, organization_id, hasher, vaults):
        pass


async def _process_batch(context: WorkerContext, organization_id: int, hasher: Hasher, vaults: Vaults) -> int:
    """One transaction; returns how many deliveries were claimed."""
    touched = Touched()
    async with context.database.organization(organization_id) as connection:
        claimed = await deliveries.claim(connection, organization_id, BATCH)
        for delivery in claimed:
            touched.add(await _process(context, connection, organization_id, hasher, vaults, delivery))
        await derive(connection, organization_id, touched.forge)
        stale = await mark_touched(connection, organization_id, touched)
    if touched.trunks:
        await context.queue.wake(Job.FOLD_TOKEN_EVENTS, organization_id)
    if stale:
        await context.queue.wake(Job.SETTLE_DAYS, organization_id)
    if any(delivery.event.startswith(INSTALLATION) for delivery in claimed):
        await context.queue.wake(Job.BACKFILL, organization_id)
    return len(claimed)


async def _process(
    context: WorkerContext,
    connection: Connection,
    organization_id: int,
    hasher: Hasher,
    vaults: Vaults,
    delivery: ClaimedDelivery,
) -> Touched:
    """One delivery in a savepoint of its own, so that a bad one never blocks its neighbours."""
    scope = ForgeScope(connection, organization_id, hasher, delivery.forge)
    try:
        async with connection.transaction():
            sealed = await deliveries.load_body(connection, organization_id, delivery.delivery_id)
            reason = BODY_FORGOTTEN if sealed is None else None
            if sealed is not None:
                payload = msgspec.json.decode(vaults.bodies.open(organization_id, sealed))
                facts = parse(delivery.forge, delivery.event, payload, Envelope(delivery.host, delivery.received_at))
                reason = await _store(scope, vaults.names, delivery, facts)
                for trunk in scope.touched.trunks:
                    await assign_commits(scope, Branch(*trunk), EVER)
            await deliveries.complete(connection, organization_id, delivery.delivery_id, reason)
    except UNREACHABLE:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one delivery, the next must have its turn
        failure = type(error).__name__
        logger.warning("delivery_failed", delivery_id=delivery.delivery_id, error=failure)
        await deliveries.back_off(
            connection,
            organization_id,
            delivery.delivery_id,
            failure=failure,
            retry_limit=context.settings.retry_limit,
            retry_base=context.settings.retry_base,
        )
        return Touched()
    return scope.touched


async def _store(scope: ForgeScope, names: Vault, delivery: ClaimedDelivery, facts: Facts) -> str | None:
    """Keep what was told; the reason when nothing is kept."""
    match facts:
        case PullRequestFacts():
            await store_pull_request(scope, facts)
        case PushFacts():
            await store_push(scope, facts)
        case QueueFacts():
            await store_queued(scope, facts)
        case ReleaseFacts():
            await store_release(scope, facts)
        case NamingFacts():
            await store_naming(scope, facts)
        case InstallationFacts():
            await store_installation(scope, delivery.connection_id, facts)
        case InstallationRepositoriesFacts():
            await store_installation_repositories(scope, delivery.connection_id, delivery.host, names, facts)
        case Ignored():
            return facts.reason
    return None
