"""Fetches a forge's history from before the connection, page by page, and stores each page with its cursor."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from key_services.configured import ring_of
from schema.encryption import Vault
from schema.errors import UnavailableError
from schema.failures import Failure
from schema.kinds import BackfillStage
from schema.queue import Job
from workers.context import WorkerContext
from workers.facts.answers import record_answers, record_author_teams, record_owners
from workers.facts.recording import recording
from workers.fair_queue import take_turn
from workers.forge_access.access import Access
from workers.forge_access.errors import ForgeError, PrivateAddressError, RefusedError, TryLaterError
from workers.forges.pages import FactPage, ForgeClient, RepositoryPage
from workers.jobs.author_teams import fetch_author_teams
from workers.jobs.code_owners import fetch_owners
from workers.stores.forge import backfills
from workers.stores.forge.accesses import AccessVaults
from workers.stores.forge.backfills import Step
from workers.stores.teams.team_syncs import sync_after_backfill
from workers.work_failures import stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()

_NEXT = dict(zip(BackfillStage, list(BackfillStage)[1:], strict=False))

# Tolerated difference between the clocks of the forge and the database.
CLOCK_SKEW = timedelta(minutes=5)


async def backfill(context: WorkerContext, organization_id: int) -> None:
    """Process due steps for one time slice. The sweep finds what the forge postpones."""
    await context.queue.begun(Job.BACKFILL, organization_id)
    ring = ring_of(context.settings)
    vaults, names = AccessVaults(ring), Vault(ring, "repository-name")
    # Connections to a forge stay open between pages.
    clients: dict[Access, ForgeClient] = {}

    async def process(step: Step) -> None:
        if step.access is not None and step.access not in clients:
            clients[step.access] = context.forges.open(step.access, datetime.now(UTC))
        await _take(context, step, names, clients)

    async with context.database.organization(organization_id) as tenant:
        await backfills.begin_missing(tenant)
    claim = partial(backfills.claim, vaults=vaults, names=names)
    await take_turn(context, Job.BACKFILL, organization_id, claim, process)


async def _take(context: WorkerContext, step: Step, names: Vault, clients: Mapping[Access, ForgeClient]) -> None:
    """Process one page of a step and record any failure."""
    if step.access is None:
        await _give_up(context, step, Failure.NO_ACCESS)
        return
    transport = context.forges.transport(step.access)
    before = transport.requests
    try:
        await _advance(context, step, names, clients[step.access])
    except TryLaterError as error:
        async with context.database.organization(step.organization_id) as tenant:
            await backfills.defer(tenant, step, error.at, error.stored())
    except (RefusedError, PrivateAddressError) as error:
        await _give_up(context, step, error.stored())
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - one failing repository must not block the others
        await _back_off(context, step, error)
    finally:
        async with context.database.organization(step.organization_id) as tenant:
            await backfills.count_requests(tenant, step, transport.requests - before)


async def _advance(context: WorkerContext, step: Step, names: Vault, client: ForgeClient) -> None:
    if step.stage is BackfillStage.LIST:
        found = await asyncio.to_thread(_list, client, step)
        await _add(context, step, names, found)
    elif step.listed is None:
        raise ForgeError("the step names no repository")
    elif step.is_dry_run:
        expected = await asyncio.to_thread(client.count, step.listed, step.since)
        async with context.database.organization(step.organization_id) as tenant:
            await backfills.go_on(tenant, step, step.stage, None, expected=expected)
            await backfills.complete(tenant, step)
    else:
        meanwhile = step.stage is BackfillStage.CHANGED_MEANWHILE
        since = step.begun_at - CLOCK_SKEW if meanwhile else step.since
        page = await asyncio.to_thread(client.page, step.listed, step.stage, step.cursor, since)
        assert step.access is not None, "the page was fetched with access"
        owners = await fetch_owners(context, step.organization_id, client, step.listed, page.facts)
        teams = await fetch_author_teams(context, step.organization_id, step.access, client, step.listed, page.facts)
        await _store(context, step, page, owners, teams)


def _list(client: ForgeClient, step: Step) -> RepositoryPage:
    if step.wanted is not None:
        return RepositoryPage([client.find(step.wanted)], None)
    return client.repositories(step.cursor)


async def _add(context: WorkerContext, step: Step, names: Vault, page: RepositoryPage) -> None:
    assert step.access is not None, "the list was fetched with access"
    hasher = await context.organization_keys.hasher(step.organization_id)
    host = step.access.host
    found = [(hasher.repository_by_id(host, each.forge_id), each) for each in page.repositories]
    async with context.database.organization(step.organization_id) as tenant:
        await backfills.add_repositories(tenant, step.backfill_id, names, found)
        if page.cursor is None:
            await backfills.complete(tenant, step)
        else:
            await backfills.go_on(tenant, step, step.stage, page.cursor)


async def _store(
    context: WorkerContext,
    step: Step,
    page: FactPage,
    owners: dict[int, list[str]],
    teams: dict[int, int],
) -> None:
    """Store the facts of a page and the next cursor in one transaction."""
    assert step.access is not None, "the page was fetched with access"
    async with recording(context, step.organization_id) as opened:
        tenant, scope = opened.tenant, opened.scope(step.access.forge)
        await record_answers(scope, step.access.connection_id, page.facts)
        await record_owners(scope, page.facts, owners)
        await record_author_teams(scope, page.facts, teams)
        stage = step.stage if page.cursor is not None else _NEXT.get(step.stage)
        is_first = step.stage is BackfillStage.PULL_REQUESTS
        await backfills.go_on(
            tenant,
            step,
            stage or step.stage,
            page.cursor,
            pull_requests=page.items if is_first else 0,
            releases=page.items if step.stage is BackfillStage.RELEASES else 0,
            expected=page.total if is_first else None,
        )
        if stage is None:
            await backfills.complete(tenant, step)
            opened.jobs.add(Job.ENRICH)
            if await sync_after_backfill(tenant, step.backfill_id):
                opened.jobs.add(Job.SYNC_TEAMS)


async def _give_up(context: WorkerContext, step: Step, failure: str) -> None:
    logger.warning("backfill_step_given_up", backfill_id=str(step.backfill_id), failure=failure)
    async with context.database.organization(step.organization_id) as tenant:
        await backfills.give_up(tenant, step, failure)


async def _back_off(context: WorkerContext, step: Step, error: Exception) -> None:
    logger.warning("backfill_step_failed", backfill_id=str(step.backfill_id), error=type(error).__name__)
    async with context.database.organization(step.organization_id) as tenant:
        await backfills.back_off(tenant, step, stored_failure(error), Retry.of(context.settings))
