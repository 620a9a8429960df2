"""Turns waiting deliveries of one organization into pull requests, activity, releases and aliases."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import structlog

from schema.database import UNREACHABLE, Tenant
from schema.encryption import Vault
from schema.identifiers import Hasher
from schema.outcomes import derive
from schema.queue import Job
from workers.context import WorkerContext
from workers.facts.changes import Changes, invalidate_changes
from workers.facts.enrichment_requests import ConnectionFacts, request_enrichment
from workers.facts.installations import store_installation, store_installation_repositories
from workers.facts.model import (
    Facts,
    Ignored,
    InstallationFacts,
    InstallationRepositoriesFacts,
    PullRequestFacts,
    ReleaseFacts,
)
from workers.facts.record import ForgeFacts, record_facts
from workers.facts.repositories import ForgeScope
from workers.forges.summary_writers import Place
from workers.jobs.read_ahead import ReadAhead
from workers.stores.forge import deliveries, summaries
from workers.stores.forge.deliveries import ClaimedDelivery
from workers.stores.upkeep.planner_statistics import refresh_statistics

logger = structlog.get_logger()

# Enough that what a batch costs by itself hardly counts, few enough that others need not wait long.
BATCH = 2000
# Statistics are taken between batches. The first may find none yet, and the larger it is, the more that costs.
FIRST_BATCH = 250
# Events about an App's installation, which may begin a backfill.
INSTALLATION = "installation"


class Vaults(NamedTuple):
    """What bodies, names of repositories to be fetched, and names of pull requests to be written to are sealed in."""

    bodies: Vault
    names: Vault
    summaries: Vault


class Understood(NamedTuple):
    """A delivery and the facts that it tells."""

    delivery: ClaimedDelivery
    facts: Facts


@dataclass(frozen=True, slots=True)
class Work:
    """One organization's batch: the transaction it is stored in, and what that needs.

    `told` are the pull requests of connections `shown`, whose figures are written to the forge.
    """

    context: WorkerContext
    tenant: Tenant
    hasher: Hasher
    vaults: Vaults
    shown: set[UUID]
    reported: list[summaries.ReportedPullRequest] = field(default_factory=list)


async def process_deliveries(context: WorkerContext, organization_id: int) -> None:
    """Work through every delivery that is due, batch by batch; safe to run twice, late, or beside itself."""
    await context.queue.begun(Job.PROCESS_DELIVERIES, organization_id)
    hasher = await context.organization_keys.hasher(organization_id)
    secret = context.settings.secret_key.get_secret_value()
    vaults = Vaults(Vault(secret, "body"), Vault(secret, "repository-name"), Vault(secret, summaries.PURPOSE))
    ahead = ReadAhead(context, organization_id, vaults.bodies)
    try:
        limit = min(FIRST_BATCH, BATCH)
        while claimed := await _process_batch(context, organization_id, hasher, vaults, ahead, limit):
            if claimed == limit:
                await refresh_statistics(context.database)
                limit = _next(limit)
    finally:
        await ahead.close()


async def _process_batch(
    context: WorkerContext, organization_id: int, hasher: Hasher, vaults: Vaults, ahead: ReadAhead, limit: int
) -> int:
    """One transaction; returns how many deliveries were claimed."""
    touched = Changes()
    async with context.database.organization(organization_id) as tenant:
        shown = await summaries.enabled(tenant)
        work = Work(context, tenant, hasher, vaults, shown)
        claimed = await deliveries.claim(tenant, limit)
        understood = await _understand(work, claimed, ahead)
        if len(claimed) == limit:
            ahead.go_on(claimed[-1], _next(limit))
        for forge in sorted({each.delivery.forge for each in understood}):
            touched.add(await _store(work, forge, [each for each in understood if each.delivery.forge == forge]))
        await derive(tenant, touched.forge)
        stale = await invalidate_changes(tenant, touched)
        await summaries.note(tenant, vaults.summaries, work.reported)
    if touched.trunks:
        await context.queue.wake(Job.FOLD_TOKEN_EVENTS, organization_id)
    if stale:
        await context.queue.wake(Job.SETTLE_DAYS, organization_id)
    if any(delivery.event.startswith(INSTALLATION) for delivery in claimed):
        await context.queue.wake(Job.BACKFILL, organization_id)
    return len(claimed)


def _next(limit: int) -> int:
    """How many to claim after so many."""
    return min(2 * limit, BATCH)


async def _understand(work: Work, claimed: Sequence[ClaimedDelivery], ahead: ReadAhead) -> list[Understood]:
    """What each of these deliveries tells, but for those that fail."""
    read = await ahead.read(work.tenant, claimed)
    understood = []
    for delivery in claimed:
        facts = read[delivery.delivery_id]
        if isinstance(facts, Exception):
            await _back_off(work, delivery, facts)
        else:
            understood.append(Understood(delivery, facts))
    return understood


async def _store(work: Work, forge: str, reported: Sequence[Understood]) -> Changes:
    """Keep what deliveries tell, all at once; where that fails, each half by itself, down to the one that is bad."""
    scope = ForgeScope(work.tenant, work.hasher, forge)
    try:
        async with work.tenant.transaction():
            await _store_all(work, scope, reported)
    except UNREACHABLE:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one delivery, the next must have its turn
        if len(reported) == 1:
            await _back_off(work, reported[0].delivery, error)
            return Changes()
        middle = len(reported) // 2
        touched = await _store(work, forge, reported[:middle])
        touched.add(await _store(work, forge, reported[middle:]))
        return touched
    return scope.touched


async def _store_all(work: Work, scope: ForgeScope, reported: Sequence[Understood]) -> None:
    kept: list[ForgeFacts] = []
    reasons: dict[int, str | None] = {}
    for delivery, facts in reported:
        reasons[delivery.delivery_id] = facts.reason if isinstance(facts, Ignored) else None
        match facts:
            case InstallationFacts():
                await store_installation(scope, delivery.connection_id, facts)
            case InstallationRepositoriesFacts():
                names = work.vaults.names
                await store_installation_repositories(scope, delivery.connection_id, delivery.host, names, facts)
            case Ignored():
                pass
            case _:
                kept.append(facts)
    if kept:
        await record_facts(scope, kept)
        await request_enrichment(scope, work.vaults.names, _connection_facts(reported))
    await deliveries.complete(work.tenant, reasons)
    work.reported.extend(to_summarize(scope, reported, work.shown))


def to_summarize(
    scope: ForgeScope, reported: Iterable[Understood], shown: AbstractSet[UUID]
) -> Iterator[summaries.ReportedPullRequest]:
    """Pull requests that were stored and of which a summary is wanted."""
    for delivery, facts in reported:
        if isinstance(facts, PullRequestFacts) and delivery.connection_id in shown:
            repository = facts.repository
            artifact_id = scope.hasher.pull_request(scope.anchors[repository.name], facts.number)
            place = Place(repository.name.path, repository.forge_id, facts.number, facts.head)
            ended_at = facts.merged_at or facts.closed_at
            yield summaries.ReportedPullRequest(artifact_id, delivery.connection_id, place, facts.updated_at, ended_at)


def _connection_facts(reported: Iterable[Understood]) -> Iterator[ConnectionFacts]:
    for delivery, facts in reported:
        if isinstance(facts, PullRequestFacts | ReleaseFacts):
            yield ConnectionFacts(delivery.connection_id, facts)


async def _back_off(work: Work, delivery: ClaimedDelivery, error: Exception) -> None:
    failure = type(error).__name__
    logger.warning("delivery_failed", delivery_id=delivery.delivery_id, error=failure)
    await deliveries.back_off(
        work.tenant,
        delivery.delivery_id,
        failure=failure,
        retry_limit=work.context.settings.retry_limit,
        retry_base=work.context.settings.retry_base,
    )
