"""Turns waiting imports of one organization into facts and records them like those of deliveries."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import asyncpg
import msgspec
import structlog

from schema.contracts.pull_request import PullRequestBatch
from schema.contracts.release import ReleaseBatch
from schema.encryption import Vault
from schema.errors import UnavailableError
from schema.kinds import ImportEvent, ItemOutcome
from schema.queue import Job
from workers.context import WorkerContext
from workers.facts.enrichment_requests import request_enrichment
from workers.facts.record import record_facts
from workers.facts.recording import Recording, recording
from workers.facts.scope import ForgeScope
from workers.forge_events.imported import pull_request_facts, release_facts
from workers.forge_events.model import PullRequestFacts, ReleaseFacts
from workers.stores.forge import deliveries, imports
from workers.stores.forge.imports import ClaimedImport
from workers.work_failures import stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()

ItemFacts: TypeAlias = PullRequestFacts | ReleaseFacts

# Commits and reviews that are recorded together; between parts, the jobs of other organizations go on.
PART = 5_000
BODY_FORGOTTEN = "The body was already deleted."
NOT_STORABLE = "The database cannot store a value of this item. Check its text and times, and send it again."
# Errors of a single item, which every attempt would repeat.
NOT_STORABLE_ERRORS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError, OverflowError)


class Item(NamedTuple):
    """An item of an import: its position from 0, its forge and its facts."""

    place: int
    forge: str
    facts: ItemFacts


class ItemResult(NamedTuple):
    """The outcome of an item, and the reason if it was refused."""

    outcome: ItemOutcome
    reason: str | None = None


async def process_import(context: WorkerContext, organization_id: int, bodies: Vault, later: set[Job]) -> bool:
    """Process the oldest due import; return False when there is none. Safe to run twice, late, or concurrently.

    Jobs that can wait for further imports are added to `later`.
    """
    async with context.database.organization(organization_id) as tenant:
        delivery_id = await imports.begin(tenant)
    if delivery_id is None:
        return False
    try:
        async with recording(context, organization_id, later) as opened:
            await _record(opened, delivery_id, bodies)
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - one failing import must not block the others
        await _back_off(context, organization_id, delivery_id, error)
    return True


async def _record(opened: Recording, delivery_id: int, bodies: Vault) -> None:
    """Record the items of an import and the outcome of each."""
    claimed = await imports.claim(opened.tenant, delivery_id)
    if claimed is None:
        return
    if claimed.sealed_body is None:
        await deliveries.complete(opened.tenant, {delivery_id: BODY_FORGOTTEN})
        return
    # A bulk of 16 MB takes a second to read; the jobs of other organizations go on meanwhile.
    items = await asyncio.to_thread(_open, claimed, bodies, opened.tenant.organization_id, claimed.sealed_body)
    results: dict[int, ItemResult] = {}
    for forge in sorted({each.forge for each in items}):
        for part in in_parts([each for each in items if each.forge == forge]):
            await _store(opened, part, results)
    ended = [results[each.place] for each in items]
    await imports.record_outcomes(
        opened.tenant, delivery_id, [each.outcome for each in ended], [each.reason for each in ended]
    )
    await deliveries.complete(opened.tenant, {delivery_id: None})


def _open(claimed: ClaimedImport, bodies: Vault, organization_id: int, sealed: bytes) -> list[Item]:
    return read_items(claimed, bodies.open(organization_id, sealed))


def in_parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items in order, in parts that hold PART commits and reviews or a little more."""
    part: list[Item] = []
    size = 0
    for item in items:
        part.append(item)
        size += 1 + (len(item.facts.activity) if isinstance(item.facts, PullRequestFacts) else 0)
        if size >= PART:
            yield part
            part, size = [], 0
    if part:
        yield part


def read_items(claimed: ClaimedImport, body: bytes) -> list[Item]:
    """Return the facts of an import's items, in order."""
    if claimed.event is ImportEvent.PULL_REQUESTS:
        pull_requests = msgspec.json.decode(body, type=PullRequestBatch).items
        return [Item(place, each.forge, pull_request_facts(each)) for place, each in enumerate(pull_requests)]
    releases = msgspec.json.decode(body, type=ReleaseBatch).items
    return [Item(place, each.forge, release_facts(each)) for place, each in enumerate(releases)]


async def _store(opened: Recording, items: Sequence[Item], results: dict[int, ItemResult]) -> None:
    """Record items of one forge together; on failure, halve until the faulty one is alone."""
    try:
        async with opened.attempt(items[0].forge) as scope:
            await record_facts(scope, [each.facts for each in items])
            # An import requests no enrichment, but this discards a forge's list for another commit of a release.
            await request_enrichment(scope, ())
    except NOT_STORABLE_ERRORS:
        if len(items) == 1:
            results[items[0].place] = ItemResult(ItemOutcome.REFUSED, NOT_STORABLE)
            return
        middle = len(items) // 2
        await _store(opened, items[:middle], results)
        await _store(opened, items[middle:], results)
        return
    results.update(outcomes_of(scope, items))


def outcomes_of(scope: ForgeScope, items: Iterable[Item]) -> dict[int, ItemResult]:
    """Return the outcome of each recorded item; a new or changed artifact counts at its first item."""
    found: dict[int, ItemResult] = {}
    counted: set[bytes] = set()
    for place, _, facts in items:
        repository = scope.anchors[facts.repository.name]
        if isinstance(facts, PullRequestFacts):
            artifact_id = scope.hasher.pull_request(repository, facts.number)
        else:
            artifact_id = scope.hasher.release(repository, facts.tag)
        outcome = ItemOutcome.SAME
        if artifact_id not in counted and artifact_id in scope.new:
            outcome = ItemOutcome.NEW
        elif artifact_id not in counted and artifact_id in scope.changed:
            outcome = ItemOutcome.CHANGED
        counted.add(artifact_id)
        found[place] = ItemResult(outcome)
    return found


async def _back_off(context: WorkerContext, organization_id: int, delivery_id: int, error: Exception) -> None:
    logger.warning("import_failed", delivery_id=delivery_id, error=type(error).__name__)
    async with context.database.organization(organization_id) as tenant:
        await deliveries.back_off(tenant, delivery_id, stored_failure(error), Retry.of(context.settings))
