"""Turns waiting deliveries and imports of one organization into facts."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple
from uuid import UUID

import structlog

from key_services.configured import ring_of
from schema.encryption import Vault
from schema.outages import outage_of
from schema.queue import Job
from schema.settings import Settings
from workers.context import WorkerContext
from workers.facts.enrichment_requests import ConnectionFacts, request_enrichment
from workers.facts.installations import store_installation, store_installation_repositories
from workers.facts.record import ForgeFacts, record_facts
from workers.facts.recording import Recording, recording
from workers.facts.scope import ForgeScope
from workers.forge_events.model import (
    Facts,
    Ignored,
    InstallationFacts,
    InstallationRepositoriesFacts,
    PullRequestFacts,
    ReleaseFacts,
)
from workers.jobs.process_imports import process_import
from workers.jobs.read_ahead import ReadAhead
from workers.stores.forge import deliveries, summaries
from workers.stores.forge.deliveries import ClaimedDelivery
from workers.stores.upkeep.planner_statistics import refresh_statistics
from workers.summaries.places import Place
from workers.work_failures import stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()

# Large enough to amortize the cost of a batch, small enough that others need not wait long.
BATCH = 2000
# Statistics are refreshed between batches. The first batch may run without any, which costs more the larger it is.
FIRST_BATCH = 250
# Prefix of events about a GitHub App installation, which may start a backfill.
INSTALLATION = "installation"


class ParsedDelivery(NamedTuple):
    """A delivery and its facts."""

    delivery: ClaimedDelivery
    facts: Facts


class Batch(NamedTuple):
    """What the deliveries of one transaction share; `shown` are the connections that write summaries to the forge."""

    settings: Settings
    recording: Recording
    shown: AbstractSet[UUID]


async def process_deliveries(context: WorkerContext, organization_id: int) -> None:
    """Process all due deliveries and imports, batch by batch; safe to run twice, late, or concurrently."""
    await context.queue.begun(Job.PROCESS_DELIVERIES, organization_id)
    ring = ring_of(context.settings)
    bodies = Vault(ring, "body")
    ahead = ReadAhead(context, organization_id, bodies)
    later: set[Job] = set()
    try:
        limit = min(FIRST_BATCH, BATCH)
        is_importing = True
        # Alternate, so that neither many webhooks nor a long import blocks the other.
        while (claimed := await _process_batch(context, organization_id, ahead, limit, later)) or is_importing:
            is_importing = await process_import(context, organization_id, bodies, later)
            if claimed == limit or is_importing:
                await refresh_statistics(context.database)
            if claimed == limit:
                limit = _next(limit)
    finally:
        await ahead.close()
        for job in sorted(later):
            await context.queue.wake(job, organization_id)


async def _process_batch(
    context: WorkerContext, organization_id: int, ahead: ReadAhead, limit: int, later: set[Job]
) -> int:
    """Process a batch in one transaction; return how many deliveries were claimed."""
    async with recording(context, organization_id, later) as opened:
        claimed = await deliveries.claim(opened.tenant, limit)
        batch = Batch(context.settings, opened, await summaries.enabled(opened.tenant))
        parsed = await _parse(batch, claimed, ahead)
        if len(claimed) == limit:
            ahead.start(claimed[-1], _next(limit))
        for forge in sorted({each.delivery.forge for each in parsed}):
            await _store(batch, forge, [each for each in parsed if each.delivery.forge == forge])
        if any(delivery.event.startswith(INSTALLATION) for delivery in claimed):
            opened.jobs.add(Job.BACKFILL)
    return len(claimed)


def _next(limit: int) -> int:
    """Return the size of the next batch."""
    return min(2 * limit, BATCH)


async def _parse(batch: Batch, claimed: Sequence[ClaimedDelivery], ahead: ReadAhead) -> list[ParsedDelivery]:
    """Parse deliveries; those that fail back off and are left out."""
    read = await ahead.read(batch.recording.tenant, claimed)
    parsed = []
    for delivery in claimed:
        facts = read[delivery.delivery_id]
        if isinstance(facts, Exception):
            await _back_off(batch, delivery, facts)
        else:
            parsed.append(ParsedDelivery(delivery, facts))
    return parsed


async def _store(batch: Batch, forge: str, parsed: Sequence[ParsedDelivery]) -> None:
    """Record deliveries together; on failure, halve until the faulty one is alone."""
    try:
        async with batch.recording.attempt(forge) as scope:
            await _store_all(scope, parsed)
    except Exception as error:
        if outage_of(error):
            raise
        if len(parsed) == 1:
            await _back_off(batch, parsed[0].delivery, error)
            return
        middle = len(parsed) // 2
        await _store(batch, forge, parsed[:middle])
        await _store(batch, forge, parsed[middle:])
        return
    batch.recording.summaries.extend(to_summarize(scope, parsed, batch.shown))


async def _store_all(scope: ForgeScope, parsed: Sequence[ParsedDelivery]) -> None:
    kept: list[ForgeFacts] = []
    reasons: dict[int, str | None] = {}
    for delivery, facts in parsed:
        reasons[delivery.delivery_id] = facts.reason if isinstance(facts, Ignored) else None
        match facts:
            case InstallationFacts():
                await store_installation(scope, delivery.connection_id, facts)
            case InstallationRepositoriesFacts():
                await store_installation_repositories(scope, delivery.connection_id, delivery.host, facts)
            case Ignored():
                pass
            case _:
                kept.append(facts)
    if kept:
        await record_facts(scope, kept)
        await request_enrichment(scope, _connection_facts(parsed))
    await deliveries.complete(scope.tenant, reasons)


def to_summarize(
    scope: ForgeScope, parsed: Iterable[ParsedDelivery], shown: AbstractSet[UUID]
) -> Iterator[summaries.ReportedPullRequest]:
    """Yield the stored pull requests that get a summary."""
    for delivery, facts in parsed:
        if isinstance(facts, PullRequestFacts) and delivery.connection_id in shown:
            repository = facts.repository
            artifact_id = scope.hasher.pull_request(scope.anchors[repository.name], facts.number)
            place = Place(repository.name.path, repository.forge_id, facts.number, facts.head)
            ended_at = facts.merged_at or facts.closed_at
            yield summaries.ReportedPullRequest(artifact_id, delivery.connection_id, place, facts.updated_at, ended_at)


def _connection_facts(parsed: Iterable[ParsedDelivery]) -> Iterator[ConnectionFacts]:
    for delivery, facts in parsed:
        if isinstance(facts, PullRequestFacts | ReleaseFacts):
            yield ConnectionFacts(delivery.connection_id, facts)


async def _back_off(batch: Batch, delivery: ClaimedDelivery, error: Exception) -> None:
    logger.warning("delivery_failed", delivery_id=delivery.delivery_id, error=type(error).__name__)
    retry = Retry.of(batch.settings)
    await deliveries.back_off(batch.recording.tenant, delivery.delivery_id, stored_failure(error), retry)
