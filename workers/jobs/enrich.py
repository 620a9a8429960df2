"""Enriches merged pull requests with all their facts, and releases with the pull requests they ship."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import structlog

from key_services.configured import ring_of
from schema.encryption import Vault
from schema.errors import UnavailableError
from schema.failures import Failure
from schema.identifiers import Hasher
from schema.kinds import PullRequestState
from schema.queue import Job
from workers.context import WorkerContext
from workers.facts.answers import record_answers, record_author_teams, record_owners
from workers.facts.recording import recording
from workers.fair_queue import take_turn
from workers.forge_access.access import Access
from workers.forge_access.errors import PrivateAddressError, RefusedError, TryLaterError
from workers.forge_events.model import PullRequestFacts
from workers.forges.package_places import PackagePlaces
from workers.forges.pages import ForgeClient
from workers.forges.previous_tags import Tagged
from workers.forges.release_lists import ReleaseFound, find_shipped, with_package
from workers.jobs.author_teams import fetch_author_teams
from workers.jobs.code_owners import fetch_owners
from workers.stores.forge import enrichments
from workers.stores.forge.accesses import AccessVaults
from workers.stores.forge.enrichments import Compared, EnrichmentBatch, EnrichmentRequest, EnrichmentSubject
from workers.stores.forge.releases import ListSource, Shipment, mark_package_folders, store_shipments, tag_fields
from workers.work_failures import stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()


async def enrich(context: WorkerContext, organization_id: int) -> None:
    """Process due enrichments for one time slice. The sweep finds what the forge postpones."""
    await context.queue.begun(Job.ENRICH, organization_id)
    ring = ring_of(context.settings)
    vaults, names = AccessVaults(ring), Vault(ring, "repository-name")
    clients: dict[Access, ForgeClient] = {}

    async def process(batch: EnrichmentBatch) -> None:
        if batch.access is not None and batch.access not in clients:
            clients[batch.access] = context.forges.open(batch.access, datetime.now(UTC))
        await _take(context, batch, clients)

    claim = partial(enrichments.claim, vaults=vaults, names=names)
    await take_turn(context, Job.ENRICH, organization_id, claim, process)


async def _take(context: WorkerContext, batch: EnrichmentBatch, clients: Mapping[Access, ForgeClient]) -> None:
    """Process one batch and record any failure."""
    if batch.access is None:
        await _give_up(context, batch, batch.requests, Failure.NO_ACCESS)
        return
    try:
        if batch.subject is EnrichmentSubject.PULL_REQUEST:
            await _fetch_pull_requests(context, batch, clients[batch.access])
        else:
            await _compare_releases(context, batch, clients[batch.access])
    except TryLaterError as error:
        async with context.database.organization(batch.organization_id) as tenant:
            await enrichments.defer(tenant, batch, error.at, error.stored())
    except (RefusedError, PrivateAddressError) as error:
        await _give_up(context, batch, batch.requests, error.stored())
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - one failing repository must not block the others
        logger.warning("enrichment_failed", subject=batch.subject, rows=len(batch.requests), error=type(error).__name__)
        await _back_off(context, batch, batch.requests, stored_failure(error))


async def _fetch_pull_requests(context: WorkerContext, batch: EnrichmentBatch, client: ForgeClient) -> None:
    """Fetch pull requests, store their facts and complete their enrichment in one transaction."""
    assert batch.access is not None, "the batch has access"
    organization_id = batch.organization_id
    numbers = [each.number for each in batch.requests if each.number is not None]
    fetched = await asyncio.to_thread(client.pull_requests, batch.listed, numbers)
    owners = await fetch_owners(context, organization_id, client, batch.listed, fetched)
    teams = await fetch_author_teams(context, organization_id, batch.access, client, batch.listed, fetched)
    async with recording(context, organization_id) as opened:
        scope = opened.scope(batch.access.forge)
        await record_answers(scope, batch.connection_id, fetched)
        await record_owners(scope, fetched, owners)
        await record_author_teams(scope, fetched, teams, batch.ids)
        found = {facts.number: facts.state for facts in fetched if isinstance(facts, PullRequestFacts)}
        merged = [each for each in batch.requests if found.get(each.number or 0) is PullRequestState.MERGED]
        await enrichments.complete(opened.tenant, merged)
    if gone := [each for each in batch.requests if each.number not in found]:
        await _give_up(context, batch, gone, Failure.NOT_FOUND)
    if behind := [each for each in batch.requests if each.number in found and each not in merged]:
        await _back_off(context, batch, behind, Failure.NOT_MERGED_YET)


async def _compare_releases(context: WorkerContext, batch: EnrichmentBatch, client: ForgeClient) -> None:
    """Record which pull requests releases ship, by the forge's commits. Tag names are kept in memory only."""
    organization_id = batch.organization_id
    hasher = await context.organization_keys.hasher(organization_id)
    tags = await asyncio.to_thread(client.history.tags, batch.listed)
    by_id = {hasher.release(batch.repository_id, each.name): each for each in tags}
    async with context.database.organization(organization_id) as tenant:
        ships_nothing = await enrichments.find_unshipping(tenant, batch.repository_id)
    counted = [tag for release_id, tag in by_id.items() if release_id not in ships_nothing]
    # A webhook may report a tag before the forge lists it.
    unlisted = [
        each for each in batch.requests if each.artifact_id not in by_id and each.artifact_id not in ships_nothing
    ]
    idle = [each for each in batch.requests if each.artifact_id in ships_nothing]
    requests = {each: by_id[each.artifact_id] for each in batch.requests if each not in unlisted and each not in idle}
    places = PackagePlaces(client.code, batch.listed)
    found = {
        each: await asyncio.to_thread(_find, client, places, batch, tag, counted) for each, tag in requests.items()
    }
    lists = {each: release for each, release in found.items() if release is not None}
    shipments = [
        Shipment(each.artifact_id, hasher.pull_request(batch.repository_id, number))
        for each, release in lists.items()
        for number in (release.numbers if release.in_package is None else release.in_package)
    ]
    compared = [_compared(hasher, batch, each, release) for each, release in lists.items()]
    async with recording(context, organization_id) as opened:
        tenant = opened.tenant
        for tag in requests.values():
            opened.changes.forge.add_family(batch.repository_id, tag_fields(hasher, tag.name).family)
        release_ids = [each.artifact_id for each in lists]
        await store_shipments(tenant, release_ids, shipments, by=ListSource.FORGE)
        by_folder = [each.artifact_id for each, release in lists.items() if release.in_package is not None]
        await mark_package_folders(tenant, release_ids, by_folder)
        await enrichments.record_comparisons(tenant, compared)
        await enrichments.complete(tenant, [*lists, *idle])
    if too_long := [each for each in found if each not in lists]:
        await _give_up(context, batch, too_long, Failure.HISTORY_TOO_LONG)
    if unlisted:
        await _back_off(context, batch, unlisted, Failure.TAG_NOT_LISTED)


def _find(
    client: ForgeClient, places: PackagePlaces, batch: EnrichmentBatch, tag: Tagged, tags: Sequence[Tagged]
) -> ReleaseFound | None:
    found = find_shipped(client.history, batch.listed, tag, tags)
    return None if found is None else with_package(client.code, places, batch.listed, tag, found)


def _compared(hasher: Hasher, batch: EnrichmentBatch, request: EnrichmentRequest, release: ReleaseFound) -> Compared:
    base_id = hasher.release(batch.repository_id, release.base.name) if release.base else None
    if release.in_notes is None:
        return Compared(request.artifact_id, base_id, None, None)
    return Compared(request.artifact_id, base_id, len(release.in_notes), len(release.in_notes & release.numbers))


async def _give_up(
    context: WorkerContext, batch: EnrichmentBatch, requests: Collection[EnrichmentRequest], failure: str
) -> None:
    logger.warning("enrichment_given_up", subject=batch.subject, rows=len(requests), failure=failure)
    async with context.database.organization(batch.organization_id) as tenant:
        await enrichments.give_up(tenant, requests, failure)


async def _back_off(
    context: WorkerContext, batch: EnrichmentBatch, requests: Collection[EnrichmentRequest], failure: str
) -> None:
    logger.warning("enrichment_backed_off", subject=batch.subject, rows=len(requests), failure=failure)
    async with context.database.organization(batch.organization_id) as tenant:
        await enrichments.back_off(tenant, requests, failure, Retry.of(context.settings))
